import { Subnet6 } from "../../constructs/core/subnet6";
import { cloudflareRanges } from "../../constructs/dns/cloudflare-ranges";
import { offersHttp3 } from "../../constructs/edge/traefik/published";
import type { Environment } from "../environment/schema";

type Addresses = Pick<Environment, "name" | "ports" | "networks">;

/** IPv6 addresses of the network `proxy`; none where the wiki listens on IPv4 alone. */
export function proxySubnet6({ name, ports, networks }: Addresses): Subnet6 | undefined {
  return ports.ipv6 === undefined ? undefined : (networks.proxy6 ?? Subnet6.derive(name));
}

/** Every range of addresses that containers have. */
export function containerSubnets(environment: Addresses): string[] {
  const { proxy, backend, database } = environment.networks;
  const subnet6 = proxySubnet6(environment);
  return [proxy, backend, database, ...(subnet6 ? [subnet6] : [])].map(String);
}

/** Ranges of trusted proxies in front of Traefik. */
export function trustedProxies({ access, dns }: Pick<Environment, "access" | "dns">): string[] {
  return [...(access.proxies ?? []), ...(dns.proxied ? cloudflareRanges() : [])];
}

/** Ranges from which the published ports are reached; none where they are reached from everywhere. */
export function publishedFrom(environment: Environment): string[] | undefined {
  const { host, dns } = environment;
  return (host?.onlyProxies ?? dns.proxied) ? trustedProxies(environment) : undefined;
}

/** Whether clients see the certificate of a proxy in front, which terminates TLS. */
export function endsTlsInFront(environment: Environment): boolean {
  return environment.dns.proxied || !offersHttp3(environment.ports, trustedProxies(environment));
}
