import { shown } from "../attributes";
import { CONFIG_CONTAINERS, type PolicyRule } from "../rule";

export const rule: PolicyRule = {
  name: "config-container-idle",
  summary: "a config container is never started and has no network, because it has no other hardening",
  kinds: CONFIG_CONTAINERS,
  check({ attributes: { start, must_run, network_mode }, networks }) {
    return [
      ...(start === false ? [] : [`start must be false, got ${shown(start)}; set it`]),
      ...(must_run === false ? [] : [`must_run must be false, got ${shown(must_run)}; the provider deletes it at the next plan otherwise`]),
      ...(network_mode === "none" ? [] : [`network_mode must be "none", got ${shown(network_mode)}; set it`]),
      ...networks.map((network) => `networks_advanced holds ${network}; take it off`),
    ];
  },
};
