import { shown, textsOf } from "../attributes";
import { type PolicyRule, RUNNING } from "../rule";

const ON: readonly string[] = ["no-new-privileges", "no-new-privileges=true"];

export const rule: PolicyRule = {
  name: "no-new-privileges",
  summary: "no program gains privileges that its parent did not have, so that setuid files in an image have no effect",
  kinds: RUNNING,
  check({ attributes }) {
    const given = textsOf(attributes, "security_opts").filter((option) => option.startsWith("no-new-privileges"));
    const holds = given.length > 0 && given.every((option) => ON.includes(option));
    return holds ? [] : [`security_opts must hold "no-new-privileges=true", got ${shown(attributes.security_opts)}; add it`];
  },
};
