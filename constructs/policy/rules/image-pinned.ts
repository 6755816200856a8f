import { ALL, type PolicyRule } from "../rule";

export const rule: PolicyRule = {
  name: "image-pinned",
  summary: "every image is named by exact tag or digest, so that a deploy never brings another program than the tested one",
  kinds: ALL,
  check({ image }) {
    if (/@sha256:[0-9a-f]{64}$/.test(image)) return [];
    const [, tag = ""] = /:([^/:@]+)$/.exec(image) ?? [];
    if (tag === "") return [`image ${image} names no version; add the exact tag, such as :v3.7.11`];
    return tag === "latest" ? [`image ${image} moves; name the exact tag, such as :v3.7.11`] : [];
  },
};
