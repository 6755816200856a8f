import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";

/** The forms in which Docker, and the tables of a firewall, print an IPv6 address: lower case, zeros compressed (RFC 5952). */
export function canonicalIpv6(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

/** A unique local IPv6 network (RFC 4193) in CIDR form, as Docker takes it. */
export class Subnet6 {
  /**
   * Reads `fd80:10:1::/64`.
   *
   * @throws RangeError when it is no IPv6 network, has host bits set, is not below fd00::/8, or is not between /64 and /112.
   */
  public static parse(text: string): Subnet6 {
    const [, address = "", bits = ""] = /^([0-9A-Fa-f:]+)\/(\d{1,3})$/.exec(text) ?? [];
    if (!isIPv6(address)) throw new RangeError(`"${text}" is no IPv6 network; write it like fd80:10:1::/64`);
    const prefix = Number(bits);
    if (prefix < 64 || prefix > 112) throw new RangeError(`"${text}" must have a prefix from /64 to /112`);
    const given = toNumber(address);
    const subnet = new Subnet6((given >> BigInt(128 - prefix)) << BigInt(128 - prefix), prefix);
    if (subnet.base !== given) throw new RangeError(`"${text}" has host bits set; the network is ${subnet}`);
    if (given >> 120n !== 0xfdn) throw new RangeError(`"${text}" is not a unique local network; choose it from fd00::/8`);
    return subnet;
  }

  /** A network that is unlikely to be used elsewhere, always the same for the same name. */
  public static derive(name: string): Subnet6 {
    const id = createHash("sha256").update(`secure-bookstack ${name}`).digest("hex").slice(0, 10);
    return new Subnet6(BigInt(`0xfd${id}`) << 80n, 64);
  }

  private constructor(
    private readonly base: bigint,
    private readonly prefix: number,
  ) {}

  /** The first address, which the bridge itself has on the Docker host. */
  public get gateway(): string {
    return toText(this.base + 1n);
  }

  public toString(): string {
    return `${toText(this.base)}/${this.prefix}`;
  }
}

/** The eight words of an IPv6 address. */
export function ipv6Words(address: string): number[] {
  const [before = "", after = ""] = canonicalIpv6(address).split("::");
  const words = (text: string) => (text === "" ? [] : text.split(":").map((word) => Number.parseInt(word, 16)));
  const [first, last] = [words(before), words(after)];
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

function toNumber(address: string): bigint {
  return ipv6Words(address).reduce((number, word) => (number << 16n) + BigInt(word), 0n);
}

function toText(address: bigint): string {
  const digits = address.toString(16).padStart(32, "0");
  return canonicalIpv6((digits.match(/.{4}/g) ?? []).join(":"));
}
