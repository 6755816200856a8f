import { shown } from "../attributes";
import { type PolicyRule, RUNNING } from "../rule";

export const rule: PolicyRule = {
  name: "non-root",
  summary: "every process runs as a user other than root, so that a container escape gains an unprivileged user",
  kinds: RUNNING,
  check({ attributes: { user } }) {
    const [, uid] = /^(\d+):\d+$/.exec(String(user ?? "")) ?? [];
    if (uid === undefined) return [`user must be uid:gid in numbers, got ${shown(user)}; a name means whatever the image says`];
    return Number(uid) === 0 ? [`user must not be root, got ${shown(user)}; name the image's own user, or any other such as "65532:65532"`] : [];
  },
};
