import { containerName, type ProbePlace, type Subject } from "./subject";

/** Ports on which `container` listens for others, seen from within its network. */
export async function portsOf({ inside }: Subject, container: string): Promise<readonly number[]> {
  return (await inside.probe({ network: `container:${container}` }, ["listen"])) as number[];
}

/** Those of `targets` (`address:port`) that answer to who is in the place of `container`. */
export async function reachedFrom({ inside }: Subject, container: string, targets: readonly string[]): Promise<readonly string[]> {
  return (await inside.probe({ network: `container:${container}` }, ["connect", ...targets])) as string[];
}

/** Status of each answer to a client of its own on the network of the edge, which spends nobody else's budget. */
export async function requestsOf(subject: Subject, paths: readonly string[]): Promise<readonly number[]> {
  const network = containerName(subject, "proxy");
  const [traefik] = await subject.inside.inspect([containerName(subject, "traefik")]);
  return requestsFrom(subject, { network }, traefik?.NetworkSettings.Networks[network]?.IPAddress ?? "", paths);
}

/** The same from any place, to the edge at `address`. */
export async function requestsFrom({ inside, urls, environment: { ports } }: Subject, place: ProbePlace, address: string, paths: readonly string[]) {
  const { hostname } = new URL(urls.bookstack ?? "");
  const statuses = (await inside.probe(place, ["ask", address, `${ports.https}`, hostname, ...paths])) as number[];
  if (statuses.every((status) => status === 0)) throw new Error(`the edge does not answer at ${address}:${ports.https}`);
  return statuses;
}
