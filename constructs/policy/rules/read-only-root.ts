import { shown } from "../attributes";
import { type PolicyRule, RUNNING } from "../rule";

export const rule: PolicyRule = {
  name: "read-only-root",
  summary: "the root file system is read-only, so that an attacker can neither change the program nor add one",
  kinds: RUNNING,
  check({ attributes: { read_only } }) {
    return read_only === true ? [] : [`read_only must be true, got ${shown(read_only)}; mount a volume or a tmpfs where the program has to write`];
  },
};
