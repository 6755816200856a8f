import { blocksOf, shown } from "../attributes";
import { ALL, type Block, type PolicyRule } from "../rule";

/** The only one that faces the outside. */
const EDGE = "traefik";

export const rule: PolicyRule = {
  name: "published-ports",
  summary: "only the reverse proxy publishes ports, each on a configured address, so that there is one entry point",
  kinds: ALL,
  check({ attributes, service }) {
    const ports = blocksOf(attributes, "ports");
    return [
      ...(attributes.publish_all_ports === true ? ["publish_all_ports is true and publishes undeclared ports; list those of the reverse proxy as ports"] : []),
      ...(service === EDGE
        ? ports.flatMap(undecided)
        : ports.map(({ internal }) => `ports publishes ${shown(internal)} of ${service}, and only ${EDGE} may; give it a route instead`)),
    ];
  },
};

function undecided({ internal, external, ip }: Block): string[] {
  return [
    ...(ip ? [] : [`ports.ip of ${shown(internal)} must be an address of the host, got ${shown(ip)}; write "0.0.0.0" if all are meant`]),
    ...(external ? [] : [`ports.external of ${shown(internal)} must be a number, got ${shown(external)}; Docker chooses another at each start otherwise`]),
  ];
}
