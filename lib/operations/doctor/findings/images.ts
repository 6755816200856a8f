import { registryOfImage } from "../../../../constructs/core/image-reference";
import { deployLimitRemedy, isRateLimited, loginCommand } from "../../../clients/registry/refusals";
import type { Cause } from "../cause";

export const cause: Cause = {
  name: "images",
  looksAt: "registries give the images that are missing",
  likelihood: 70,
  find({ images, environment }) {
    if ("unknown" in images) return images.unknown;
    const refused = Object.entries(images.value).flatMap(([image, { refusal }]) => (refusal === "" ? [] : [[image, refusal] as const]));
    // a registry that does not answer is one problem, not one for each image
    const reasons = [...new Set(refused.map(([image, message]) => message.replace(`${image} was not found at `, "")))];
    if (reasons.length > 0 && reasons.every((reason) => NO_ANSWER.test(reason)) && !environment.docker.host.startsWith("unix://")) {
      return `${reasons.join(", ")}; the Docker host may have another way to it`;
    }
    return reasons.map((reason) => {
      const these = refused.flatMap(([image, message]) => (message.endsWith(reason) ? [image] : []));
      return { problem: `no image at ${reason}: ${these.join(", ")}`, remedy: remedyFor(these[0] ?? "", reason) };
    });
  },
};

const NO_ANSWER = /ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|UNREACH|timeout/i;

function remedyFor(image: string, reason: string): string {
  const registry = registryOfImage(image);
  if (isRateLimited(reason)) return deployLimitRemedy(registry);
  if (/\b40[13]\b|unauthorized|denied/i.test(reason)) return `${loginCommand(registry)}   # then: docker pull ${image}`;
  return `docker pull ${image}   # on the Docker host; it needs DNS and the internet`;
}
