import { shown } from "../attributes";
import { type PlannedContainer, type PolicyRule, RUNNING } from "../rule";

export const rule: PolicyRule = {
  name: "network-membership",
  summary: "each container is on the networks that its description names and on no other, so that a request from the internet passes every wall",
  kinds: RUNNING,
  check(container) {
    return [...withoutNetwork(container), ...notAllowed(container)];
  },
};

function notAllowed({ namespace, service, networks, zones }: PlannedContainer): string[] {
  return networks
    .filter((network) => !zones.some((zone) => network === `${namespace}-${zone}`))
    .map((network) => `networks_advanced holds ${network}, and ${service} may be on ${zones.join(", ") || "none"}; take it off`);
}

/** Host and container modes are a matter of `no-host-namespace`. */
function withoutNetwork({ attributes: { network_mode }, networks }: PlannedContainer): string[] {
  const mode = String(network_mode ?? "bridge");
  if (/^(none|host|container:.*)$/.test(mode)) return [];
  if (mode !== "bridge" && mode !== "default") return [`network_mode must be "none" or left out, got ${shown(mode)}; attach it by networks_advanced`];
  return networks.length > 0
    ? []
    : ['networks_advanced must name a network, got nothing; Docker\'s own bridge is open to all, so attach it to one or set network_mode to "none"'];
}
