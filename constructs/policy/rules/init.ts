import { shown } from "../attributes";
import { type PolicyRule, RUNNING } from "../rule";

export const rule: PolicyRule = {
  name: "init",
  summary: "a small init is the first process, so that signals arrive and ended children are cleared away",
  kinds: RUNNING,
  check({ attributes: { init } }) {
    return init === true ? [] : [`init must be true, got ${shown(init)}; set it`];
  },
};
