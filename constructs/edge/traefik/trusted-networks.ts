import { isIPv4 } from "node:net";

/** Rules of Traefik that match clients of `networks` that connect directly. */
export function directRules(networks: readonly string[]): string[] {
  return networks.map((network) => `ClientIP(\`${network}\`)`);
}

/**
 * Rules that match clients of `networks` behind a trusted proxy: `ClientIP` sees the proxy alone, so the last entry of
 * `X-Forwarded-For` is compared as text. An IPv6 address has too many ways to be written for that; see {@link unmatchedBehindProxies}.
 */
export function forwardedRules(networks: readonly string[]): string[] {
  return networks.filter(isIPv4Network).map((network) => `HeaderRegexp(\`X-Forwarded-For\`, \`(^|[, ])${pattern(network)}$\`)`);
}

/** Those of `networks` that cannot be matched behind a proxy. */
export function unmatchedBehindProxies(networks: readonly string[]): string[] {
  return networks.filter((network) => !isIPv4Network(network));
}

function isIPv4Network(network: string): boolean {
  return isIPv4(network.split("/")[0] ?? "");
}

/** Regular expression of the addresses in an IPv4 network, octet by octet. */
function pattern(network: string): string {
  const [address = "", bits] = network.split("/");
  return address
    .split(".")
    .map((octet, index) => octetPattern(Number(octet), Number(bits) - 8 * index))
    .join("\\.");
}

function octetPattern(octet: number, bits: number): string {
  if (bits >= 8) return `${octet}`;
  if (bits <= 0) return "[0-9]+";
  const size = 2 ** (8 - bits);
  const first = octet - (octet % size);
  return `(${Array.from({ length: size }, (_, index) => first + index).join("|")})`;
}
