import type { ContainerPorts } from "@cdktf/provider-docker/lib/container";
import type { Rule } from "../../core/errors";
import { METRICS_PORT, PROBE_PORT } from "./traefik-config";

/** Where the Docker host listens. */
export interface Published {
  /** IPv4 address of the Docker host; `0.0.0.0` for all. */
  readonly address: string;
  /**
   * IPv6 address of the Docker host on which it listens, too; `::` for all.
   * @default - none
   */
  readonly ipv6?: string;
  readonly http: number;
  readonly https: number;
  /**
   * Port of HTTPS in URLs, if a proxy in front forwards it to `https`; Traefik listens on it.
   * @default - that of `https`
   */
  readonly public?: number;
}

/** Ports that Traefik uses for itself. */
const RESERVED: readonly number[] = [METRICS_PORT, PROBE_PORT];

/** What has to hold for ports that are published. */
export function publishedRules(published: Published): Rule[] {
  const { http, https } = published;
  return [
    [http !== https, `published.http and published.https must differ, got ${http} for both`],
    [http !== publicPort(published), `published.http and published.public must differ, got ${http} for both`],
    ...[http, publicPort(published)].map((port): Rule => [!RESERVED.includes(port), `published port ${port} is used inside the container; choose another`]),
  ];
}

/** HTTP and HTTPS over TCP, and HTTPS over UDP for HTTP/3. */
export function publishedPorts(published: Published, http3: boolean): ContainerPorts[] {
  const { address, ipv6, http, https } = published;
  const secure = { internal: publicPort(published), external: https };
  return [address, ...(ipv6 === undefined ? [] : [ipv6])].flatMap((ip) => [
    { internal: http, external: http, ip, protocol: "tcp" },
    { ...secure, ip, protocol: "tcp" },
    ...(http3 ? [{ ...secure, ip, protocol: "udp" }] : []),
  ]);
}

/** The port of HTTPS in URLs. */
export function publicPort({ https, public: seen = https }: Pick<Published, "https" | "public">): number {
  return seen;
}

/** Whether a proxy in front has the port of the URLs, and forwards it to the published one. */
export function isBehind({ https, public: seen = https }: Pick<Published, "https" | "public">): boolean {
  return seen !== https;
}

/** Whether clients can reach HTTP/3: a proxy in front on another port terminates TLS itself. */
export function offersHttp3(published: Pick<Published, "https" | "public">, proxies: readonly string[]): boolean {
  return !isBehind(published) || proxies.length === 0;
}

/** Whether the published ports are reachable only from the Docker host. */
export function isPrivate({ address, ipv6 = "::1" }: Pick<Published, "address" | "ipv6">): boolean {
  return isLoopback(address) && ipv6 === "::1";
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.");
}

/** `https://host`, with the port when it is not the usual one. */
export function httpsUrl(hostName: string, port: number): string {
  return port === 443 ? `https://${hostName}` : `https://${hostName}:${port}`;
}
