import { BlockList, isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { Subnet } from "../../../constructs/core/subnet";
import { remoteDocker } from "../host-url";
import { LAST_POSITION } from "../schema/networks";

const SUBNET = z.custom<Subnet>((value) => value instanceof Subnet);
/** As much as has to be read before addresses can be compared. */
const READ = z.object({
  docker: z.object({ host: z.string() }),
  ports: z.object({ address: z.string() }),
  dns: z.object({ ipv4: z.string().optional(), ipv6: z.string().optional(), proxied: z.boolean() }),
  networks: z.object({ proxy: SUBNET, backend: SUBNET, database: SUBNET }),
  monitoring: z.object({ enabled: z.boolean() }),
});

export function areAddressesRead({ value }: { readonly value: unknown }): boolean {
  return READ.safeParse(value).success;
}

/** Addresses that are never reachable. */
const NOWHERE = blockList("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/127", "fe80::/10", "ff00::/8");
/** Addresses that the internet does not reach. */
const UNREACHABLE = blockList("10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7");

/** Refuses addresses of the Docker host that are within the networks of containers, and unreachable ones. */
export function refineAddresses(
  { docker, ports, dns, networks: { proxy, backend, database }, monitoring }: z.output<typeof READ>,
  context: z.core.$RefinementCtx,
): void {
  const networks = { proxy, backend, database };
  const issue = (path: string[], message: string | undefined) => {
    if (message !== undefined) context.addIssue({ code: "custom", path, message });
  };
  issue(
    ["networks", "backend"],
    monitoring.enabled && !hasAddress(backend, LAST_POSITION) ? `${backend} has no room for the monitoring; give /27 or more` : undefined,
  );
  issue(["docker", "host"], overlap(remoteDocker(docker.host)?.host, networks));
  issue(["ports", "address"], overlap(ports.address, networks));
  issue(["dns", "ipv4"], overlap(dns.ipv4, networks) ?? lost(dns.ipv4, "ipv4", dns.proxied));
  issue(["dns", "ipv6"], lost(dns.ipv6, "ipv6", dns.proxied));
}

function hasAddress(subnet: Subnet, position: number): boolean {
  try {
    return subnet.address(position) !== "";
  } catch {
    return false;
  }
}

function overlap(address = "", networks: Readonly<Record<string, Subnet>>): string | undefined {
  const [name, subnet] = Object.entries(networks).find(([, candidate]) => isIPv4(address) && blockList(`${candidate}`).check(address)) ?? [];
  return name && `${address} is within networks.${name} ${subnet}, which is for containers; give that network another range`;
}

/** Why clients cannot reach `address`; invalid addresses are reported elsewhere. */
function lost(address = "", family: "ipv4" | "ipv6", proxied: boolean): string | undefined {
  if (!(family === "ipv4" ? isIPv4(address) : isIPv6(address))) return undefined;
  if (NOWHERE.check(address, family)) return `${address} is not reachable; give the address by which clients reach the wiki`;
  if (!proxied || !UNREACHABLE.check(address, family)) return undefined;
  return `${address} is not reachable from the internet, so Cloudflare cannot proxy it; give a public address, or set dns.proxied to false`;
}

function blockList(...ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const [base = "", bits] of ranges.map((range) => range.split("/"))) list.addSubnet(base, Number(bits), base.includes(":") ? "ipv6" : "ipv4");
  return list;
}
