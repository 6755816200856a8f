import { isIP } from "node:net";
import type { Connection } from "../../docker/description";
import type { Edge } from "./traefik-config";

/** Connections that Traefik opens: to the guards of its routes, to the source of decisions, to the servers; the first of each container. */
export function connectionsOf({ routes, dashboard, bouncer }: Pick<Edge, "routes" | "dashboard" | "bouncer">): Connection[] {
  const guarded = [...routes, ...(dashboard ? [dashboard] : [])];
  const connections = [
    ...guarded.flatMap(({ access }) => (access.guard ? [connection(access.guard.forwardAuthAddress, "who?")] : [])),
    ...(bouncer ? [connection(`http://${bouncer.lapiHost}`, "banned?")] : []),
    ...routes.flatMap(({ servers }) => servers.map((server) => connection(server, "HTTP"))),
  ];
  return connections.filter(({ to }, index) => !isAddress(to) && connections.findIndex((first) => first.to === to) === index);
}

function connection(url: string, purpose: string): Connection {
  const { hostname, port } = new URL(url);
  return { to: hostname, label: `${purpose} ${port || 80}` };
}

/** A service on the network of the host has an address and no name. */
function isAddress(hostname: string): boolean {
  return isIP(hostname.replace(/^\[|\]$/g, "")) !== 0;
}
