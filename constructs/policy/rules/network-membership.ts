import { shown } from "../attributes";
import { type PlannedContainer, type PolicyRule, RUNNING } from "../rule";

/** Who may be on which networks, besides all others on those of {@link OTHERS}. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  traefik: ["proxy", "backend"],
  authelia: ["proxy", "backend"],
  crowdsec: ["proxy", "backend"],
  egress: ["proxy", "backend"],
  bookstack: ["backend", "database"],
  "bookstack-setup": ["database"],
  "bookstack-users": ["database"],
  "bookstack-db": ["database"],
  backup: ["backend", "database", "proxy"],
  prometheus: ["backend"],
  alertmanager: ["proxy", "backend"],
  grafana: [],
  "node-exporter": [],
  "mysqld-exporter": ["backend", "database"],
  "container-metrics": [],
};
/** For an application of somebody else, which the edge may lead to. */
const OTHERS: readonly string[] = ["backend"];
/** Carries data out on purpose: the only one that may stand between the data and the internet. */
const COURIER = "backup";

export const rule: PolicyRule = {
  name: "network-membership",
  summary: "each service is on the networks of the design only, so that no path from the internet to the data bypasses a protection",
  kinds: RUNNING,
  check(container) {
    return [...withoutNetwork(container), ...notAllowed(container), ...bridging(container)];
  },
};

function notAllowed({ namespace, service, networks }: PlannedContainer): string[] {
  const allowed = MEMBERS[service] ?? OTHERS;
  return networks
    .filter((network) => !allowed.some((name) => network === `${namespace}-${name}`))
    .map((network) => `networks_advanced holds ${network}, and ${service} may be on ${allowed.join(", ") || "none"}; take it off`);
}

function bridging({ namespace, service, networks }: PlannedContainer): string[] {
  const both = ["proxy", "database"].every((name) => networks.includes(`${namespace}-${name}`));
  return both && service !== COURIER ? [`networks_advanced joins proxy and database, and only ${COURIER} may; take ${service} off one of them`] : [];
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
