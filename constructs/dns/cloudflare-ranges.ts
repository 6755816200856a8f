import { assetText } from "../core/asset";

/** CIDRs from which Cloudflare speaks for its clients, as it publishes them; the file names the source. */
export function cloudflareRanges(): string[] {
  const { ipv4, ipv6 } = JSON.parse(assetText("dns/assets/ip-ranges.json"));
  return [...ipv4, ...ipv6];
}
