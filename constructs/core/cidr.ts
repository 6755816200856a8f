import { isIPv6 } from "node:net";
import { canonicalIpv6, ipv6Words } from "./subnet6";

/** A range of addresses, IPv4 or IPv6, in the form in which nftables prints it: without host bits, and a single address without its length. */
export function canonicalCidr(range: string): string {
  const [address = "", bits = ""] = range.split("/");
  const family = isIPv6(address) ? "ip6" : "ip";
  const [length, width] = [family === "ip6" ? 128 : 32, family === "ip6" ? 16 : 8];
  const words = family === "ip6" ? ipv6Words(address) : address.split(".").map(Number);
  const kept = words.map((word, index) => word & mask(Number(bits) - index * width, width));
  const text = family === "ip6" ? canonicalIpv6(kept.map((word) => word.toString(16)).join(":")) : kept.join(".");
  return Number(bits) === length ? text : `${text}/${bits}`;
}

/** The first `bits` of a word that is `width` bits wide. */
function mask(bits: number, width: number): number {
  const kept = Math.min(Math.max(bits, 0), width);
  return 2 ** width - 2 ** (width - kept);
}
