import { shown } from "../attributes";
import { type PolicyRule, RUNNING } from "../rule";

export const rule: PolicyRule = {
  name: "init",
  summary: "an init is process 1, so that signals are forwarded and zombie processes are reaped",
  kinds: RUNNING,
  check({ attributes: { init } }) {
    return init === true ? [] : [`init must be true, got ${shown(init)}; set it`];
  },
};
