import { BlockList } from "node:net";
import { z } from "zod";
import { Subnet } from "../../../constructs/core/subnet";
import { isBehind, isPrivate } from "../../../constructs/edge/traefik/published";

/** The keys that say what clients pass before they reach the wiki. */
const READ = z.object({
  access: z.object({ proxies: z.array(z.string()).optional() }),
  ports: z.object({ address: z.string(), ipv6: z.string().optional(), https: z.int(), public: z.int().optional() }),
  host: z.object({ onlyProxies: z.boolean().optional() }).optional(),
  dns: z.object({ proxied: z.boolean() }),
  networks: z.object({ proxy: z.custom<Subnet>((value) => value instanceof Subnet) }),
});

const LOOPBACK = /^(127\.|::1\/)/;

/** Whether the addresses of clients in front of the wiki can be compared already. */
export function isFrontRead({ value }: { value: unknown }): boolean {
  return READ.safeParse(value).success;
}

/** Refuses an environment without a trusted source of client addresses, or with a proxy address that Traefik never sees. */
export function refineFront(
  { access, ports, networks, host, dns }: z.output<typeof READ>,
  context: { addIssue(issue: { code: "custom"; path: PropertyKey[]; message: string }): void },
): void {
  const { gateway } = networks.proxy;
  const proxies = access.proxies ?? [];
  const issue = (path: PropertyKey[], message: string) => context.addIssue({ code: "custom", path, message });
  for (const [index, range] of proxies.entries()) {
    if (!LOOPBACK.test(range)) continue;
    const message = `${range} is an address that the edge never sees: it runs in a container, and a proxy on the Docker host has ${gateway} there; write ${gateway}/32`;
    issue(["access", "proxies", index], message);
  }
  if (isBehind(ports) && isPrivate(ports) && !covers(proxies, gateway)) {
    const message = `must hold ${gateway}/32 with ports.public on ${ports.address}, or every client would have the address of the proxy in front; add it`;
    issue(["access", "proxies"], message);
  }
  if (host?.onlyProxies === true && proxies.length === 0 && !dns.proxied) {
    issue(["host", "onlyProxies"], "there are no proxies; name them in access.proxies, set dns.proxied, or leave onlyProxies out");
  }
}

/** Whether `address` (IPv4) is in one of `ranges`. */
function covers(ranges: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const [base = "", bits] of ranges.map((range) => range.split("/"))) list.addSubnet(base, Number(bits), base.includes(":") ? "ipv6" : "ipv4");
  return list.check(address);
}
