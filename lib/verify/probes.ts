import { publicPort } from "../../constructs/edge/published";
import { containerName, type ProbePlace, type Subject } from "./subject";

/** Ports on which `container` listens for others, seen from within its network. */
export async function portsOf({ inside }: Subject, container: string): Promise<readonly number[]> {
  return (await inside.probe({ network: `container:${container}` }, ["listen"])) as number[];
}

/** Those of `targets` (`address:port`) that answer to who is in the place of `container`. */
export async function reachedFrom({ inside }: Subject, container: string, targets: readonly string[]): Promise<readonly string[]> {
  return (await inside.probe({ network: `container:${container}` }, ["connect", ...targets])) as string[];
}

/** Those of `targets` (`tcp://host:port`, `tls://name@host:port`, `sni://name@host:port`) where a server speaks to who is at `place`. */
export async function answeringTo({ inside }: Subject, place: ProbePlace, targets: readonly string[]): Promise<readonly string[]> {
  return targets.length === 0 ? [] : ((await inside.probe(place, ["answer", ...targets])) as string[]);
}

/** IPv4 addresses that `names` lead to for who is at `place`. */
export async function resolvedAt({ inside }: Subject, place: ProbePlace, names: readonly string[]): Promise<readonly string[]> {
  return names.length === 0 ? [] : ((await inside.probe(place, ["resolve", ...names])) as string[]);
}

/** In the place of a status, where a request was not answered. Nothing is asked after it. */
export const NO_ANSWER = 0;

/** Status of each answer to a client of its own on the network of the edge, which uses up nobody else's rate limit. */
export async function requestsOf(subject: Subject, paths: readonly string[]): Promise<readonly number[]> {
  const network = containerName(subject, "proxy");
  const [traefik] = await subject.inside.inspect([containerName(subject, "traefik")]);
  return requestsFrom(subject, { network }, traefik?.NetworkSettings.Networks[network]?.IPAddress ?? "", paths);
}

/** The same from any place, to the edge at `address`, which answers at least the first. */
export async function requestsFrom(subject: Subject, place: ProbePlace, address: string, paths: readonly string[]): Promise<readonly number[]> {
  const statuses = await statusesFrom(subject, place, address, paths);
  if (statuses[0] === NO_ANSWER) throw new Error(`the edge does not answer at ${address}:${publicPort(subject.environment.ports)}`);
  return statuses;
}

/** The same where it may be that nothing is answered. */
export async function statusesFrom({ inside, urls, environment }: Subject, place: ProbePlace, address: string, paths: readonly string[]) {
  const { hostname } = new URL(urls.bookstack ?? "");
  return (await inside.probe(place, ["ask", address, `${publicPort(environment.ports)}`, hostname, ...paths])) as number[];
}
