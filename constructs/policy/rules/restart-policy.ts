import { RESTART_POLICY } from "../../docker/labels";
import { shown } from "../attributes";
import { ALL, type PolicyRule } from "../rule";

export const rule: PolicyRule = {
  name: "restart-policy",
  summary: "services restart after a crash, a reboot and however the Docker engine ended, and jobs do not, so that no manual action is needed",
  kinds: ALL,
  check({ attributes: { restart }, kind = "service" }) {
    const expected = RESTART_POLICY[kind];
    return restart === expected ? [] : [`restart must be "${expected}" for a ${kind}, got ${shown(restart)}; set it`];
  },
};
