import type { ContainerKind } from "../../docker/labels";
import { shown } from "../attributes";
import { ALL, type PolicyRule } from "../rule";

const POLICY: Readonly<Record<ContainerKind, string>> = { service: "unless-stopped", job: "no", carrier: "no" };

export const rule: PolicyRule = {
  name: "restart-policy",
  summary: "services restart after a crash and a reboot, and jobs do not, so that no manual action is needed",
  kinds: ALL,
  check({ attributes: { restart }, kind = "service" }) {
    const expected = POLICY[kind];
    return restart === expected ? [] : [`restart must be "${expected}" for a ${kind}, got ${shown(restart)}; set it`];
  },
};
