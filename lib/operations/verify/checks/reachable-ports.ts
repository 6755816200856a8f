import { isBehind, isPrivate, publicPort } from "../../../../constructs/edge/traefik/published";
import { type Check, type Finding, unknown } from "../check";
import type { Target } from "../target";

/** Docker without TLS, and the second port of MySQL, which is off. */
const ALWAYS_CLOSED: readonly number[] = [2375, 33_060];

export const check: Check = {
  name: "reachable-ports",
  promise: "from outside the ports of the edge answer, and none of what is behind it",
  skip: ({ environment: { ports, domain } }) =>
    isPrivate(ports) && (!isBehind(ports) || domain.endsWith(".localhost")) ? "it is only reachable from this machine" : undefined,
  async run({ environment, outside, services }) {
    const { ports, dns, host } = environment;
    const behind = isBehind(ports);
    const published = behind ? [publicPort(ports)] : [ports.http, ports.https];
    // the host's own ports, which are for a proxy alone
    const own = (behind && isPrivate(ports)) || (dns.proxied && host !== undefined && host.onlyProxies !== false) ? [ports.http, ports.https] : [];
    const internal = new Set([...services.flatMap(({ description }) => description?.listens ?? []), ...ALWAYS_CLOSED, ...own].sort((a, b) => a - b));
    const inside = dns.proxied ? [...internal] : [...internal].filter((port) => !published.includes(port));
    // Cloudflare answers on many ports itself
    const addresses = dns.proxied ? [dns.ipv4, dns.ipv6].filter((address) => address !== undefined) : [undefined];
    const answering = await Promise.all(published.map(async (port) => ((await outside.reaches(port)) ? [port] : [])));
    const open = await Promise.all(addresses.flatMap((address) => inside.map((port) => openAt(outside, port, address))));
    if (addresses.length === 0) throw new Error("dns.ipv4 and dns.ipv6 are not set, so the address of the Docker host is not known");
    const silent = await Promise.all(
      addresses.map((address) => (address === undefined ? [] : silentAt(outside, address, [...published, host?.ssh?.port ?? 22]))),
    );
    return [
      ...silent.flat(),
      ...published
        .filter((port) => !answering.flat().includes(port))
        .map((port) => ({ problem: `port ${port} does not answer`, remedy: "let it through the firewalls, and see that Traefik runs" })),
      ...open.flat().map((where) => ({
        problem: `${where} answers, and should not`,
        remedy: "find who listens: ss -ltnp on the host; close it, or the firewall before it",
      })),
    ];
  },
};

/** A host that does not answer at all may be closed, or out of reach from here. */
async function silentAt(outside: Target["outside"], address: string, ports: readonly number[]): Promise<Finding[]> {
  const answers = await Promise.all(ports.map((port) => outside.reaches(port, address)));
  if (answers.includes(true)) return [];
  return [
    unknown(`${address} answers on none of the ports ${ports.join(", ")}, so it is not known which are closed`, "verify from a machine that reaches it by SSH"),
  ];
}

async function openAt(outside: Target["outside"], port: number, address: string | undefined): Promise<string[]> {
  if (!(await outside.reaches(port, address))) return [];
  return [address === undefined ? `port ${port}` : `port ${port} of ${address}`];
}
