import { isPrivate } from "../../../../constructs/edge/traefik/published";
import { ACCESS_LOG, ACCESS_LOG_DIRECTORY } from "../../../../constructs/edge/traefik/traefik-config";
import type { Check, Finding } from "../check";
import { listed } from "../probes";
import { nameIn, type Target } from "../target";

export const check: Check = {
  name: "ipv6",
  promise: "over IPv6 the edge answers, and sees the address of each client",
  skip: ({ environment: { ports } }) =>
    ports.ipv6 === undefined || isPrivate({ address: "127.0.0.1", ipv6: ports.ipv6 }) ? "the wiki listens on IPv4 alone: ports.ipv6" : undefined,
  async run(target): Promise<Finding[]> {
    const { dns, ports } = target.environment;
    const addresses = await listed<string>(target, { network: "host" }, ["addresses"]);
    const wanted = dns.ipv6 ?? (ports.ipv6 === "::" ? addresses[0] : ports.ipv6);
    if (wanted === undefined || !addresses.includes(wanted)) {
      const problem = wanted === undefined ? "the Docker host has no IPv6 address" : `the Docker host does not have the address ${wanted}`;
      return [{ problem, remedy: "compare with ip -6 address on the host, and with dns.ipv6 and ports.ipv6" }];
    }
    // an engine hides the address of one of these two, depending on whether it has its proxy; of a client from elsewhere it hides neither
    const seen = [await seenFrom(target, "host", wanted), await seenFrom(target, nameIn(target, "proxy"), wanted)];
    if (seen.includes("nothing")) return [{ problem: `${wanted} does not answer on port ${ports.https}`, remedy: "see that Docker publishes it: docker ps" }];
    if (seen.includes("its own address")) return [];
    return [
      {
        problem: "every client that comes by IPv6 has the address of the Docker host's gateway, so one ban would block all of them",
        remedy: 'put "experimental": true and "ip6tables": true into /etc/docker/daemon.json, and restart Docker',
      },
    ];
  },
};

type Seen = "nothing" | "its own address" | "another address";

/** The client address that Traefik sees for requests from `network`. */
async function seenFrom(target: Target, network: string, address: string): Promise<Seen> {
  const { environment, urls, inside, now } = target;
  const { hostname } = new URL(urls.bookstack ?? "");
  const path = `/?verify-ipv6-${network}-${now().getTime()}`;
  const response = (await inside.probe({ network }, ["from", address, `${environment.ports.https}`, hostname, path])) as { status: number; address: string };
  if (typeof response?.status !== "number") throw new Error(`the probe "from" on ${network} does not say how it was answered`);
  if (response.status === 0) return "nothing";
  const edge = nameIn(target, "traefik");
  const lines = await inside.exec(edge, ["sh", "-c", 'grep -F "$0" "$1" || :', path, `${ACCESS_LOG_DIRECTORY}/${ACCESS_LOG}`]);
  const [client] = lines.split("\n").flatMap((line) => (line === "" ? [] : [String(JSON.parse(line).ClientHost)]));
  if (client === undefined) throw new Error(`the access log of ${edge} has no line for a request from ${response.address}`);
  return client === response.address ? "its own address" : "another address";
}
