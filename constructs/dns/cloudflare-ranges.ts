import { assetText } from "../core/asset";

/** CIDRs of Cloudflare's proxies, as published by Cloudflare; the file names the source. */
export function cloudflareRanges(): string[] {
  const { ipv4, ipv6 } = JSON.parse(assetText("dns/assets/ip-ranges.json"));
  return [...ipv4, ...ipv6];
}
