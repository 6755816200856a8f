import { publicPort } from "../../../constructs/edge/traefik/published";
import { nameIn, type ProbeNetwork, type Target } from "./target";

/** Ports on which `container` listens for others, seen from within its network. */
export async function portsOf(target: Target, container: string): Promise<readonly number[]> {
  return listed<number>(target, { network: `container:${container}` }, ["listen"]);
}

/** Those of `targets` (`address:port`) that are reachable from the networks of `container`. */
export async function reachedFrom(target: Target, container: string, targets: readonly string[]): Promise<readonly string[]> {
  return reachedAt(target, { network: `container:${container}` }, targets);
}

/** Those of `targets` (`address:port`) that are reachable from `place`. */
export async function reachedAt(target: Target, place: ProbeNetwork, targets: readonly string[]): Promise<readonly string[]> {
  return listed<string>(target, place, ["connect", ...targets]);
}

/** Those of `targets` (`tcp://host:port`, `tls://name@host:port`, `sni://name@host:port`) where a server answers from `place`. */
export async function answeringTo(target: Target, place: ProbeNetwork, targets: readonly string[]): Promise<readonly string[]> {
  return targets.length === 0 ? [] : listed<string>(target, place, ["answer", ...targets]);
}

/** IPv4 addresses of `names` as resolved at `place`. */
export async function resolvedAt(target: Target, place: ProbeNetwork, names: readonly string[]): Promise<readonly string[]> {
  return names.length === 0 ? [] : listed<string>(target, place, ["resolve", ...names]);
}

/** Certificate, as PEM, that a server (`mysql://host:port`) presents to a client at `place`; nothing if it presents none. */
export async function certificateShownTo({ inside }: Target, place: ProbeNetwork, server: string): Promise<string | undefined> {
  const shown = await inside.probe(place, ["certificate", server]);
  return typeof shown === "string" ? shown : undefined;
}

/** In the place of a status, where a request was not answered. Nothing is asked after it. */
export const NO_ANSWER = 0;

/** Status of each response to a client with a separate address on Traefik's network, which does not use the rate limit of other clients. */
export async function requestsOf(target: Target, paths: readonly string[]): Promise<readonly number[]> {
  const network = nameIn(target, "proxy");
  return requestsFrom(target, { network }, await addressOn(target, "traefik", "proxy"), paths);
}

/** IPv4 address of a service on a network, both by their names in the plan. */
export async function addressOn(target: Target, service: string, network: string): Promise<string> {
  const [container, bridge] = [nameIn(target, service), nameIn(target, network)];
  const [inspected] = await target.inside.inspect([container]);
  const address = inspected?.NetworkSettings.Networks[bridge]?.IPAddress;
  if (!address) throw new Error(`${container} has no address on ${bridge}`);
  return address;
}

/** The same from any place, to the edge at `address`, which answers at least the first. */
export async function requestsFrom(target: Target, place: ProbeNetwork, address: string, paths: readonly string[]): Promise<readonly number[]> {
  const statuses = await statusesFrom(target, place, address, paths);
  if (statuses[0] === NO_ANSWER) throw new Error(`the edge does not answer at ${address}:${publicPort(target.environment.ports)}`);
  return statuses;
}

/** The same where it may be that nothing is answered. */
export async function statusesFrom(target: Target, place: ProbeNetwork, address: string, paths: readonly string[]) {
  const { hostname } = new URL(target.urls.bookstack ?? "");
  const statuses = await listed<number>(target, place, ["ask", address, `${publicPort(target.environment.ports)}`, hostname, ...paths]);
  if (statuses.length !== paths.length) throw new Error(`the probe says how ${statuses.length} of ${paths.length} requests were answered`);
  return statuses;
}

/** What the probe lists; anything else than a list is not taken for an empty one. */
export async function listed<T extends number | string>({ inside }: Target, place: ProbeNetwork, args: readonly string[]): Promise<readonly T[]> {
  const answer = await inside.probe(place, args);
  if (!Array.isArray(answer)) throw new Error(`the probe "${args[0]}" on ${place.network} answers ${JSON.stringify(answer)}, not a list`);
  return answer as T[];
}
