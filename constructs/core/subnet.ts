/** A private IPv4 network in CIDR form, as Docker takes it. */
export class Subnet {
  /**
   * Reads `172.30.10.0/24`.
   *
   * @throws RangeError when it is no IPv4 network, has host bits set, is not private (RFC 1918), or is not between /16 and /28.
   */
  public static parse(text: string): Subnet {
    const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
    const octets = match?.slice(1, 5).map(Number) ?? [];
    // a leading zero means octal to some programs
    if (!match || octets.some((octet, index) => octet > 255 || match[index + 1] !== `${octet}`))
      throw new RangeError(`"${text}" is no IPv4 network; write it like 172.30.10.0/24`);
    const prefix = Number(match[5]);
    if (prefix < 16 || prefix > 28) throw new RangeError(`"${text}" must have a prefix from /16 to /28`);
    const subnet = new Subnet(toNumber(octets), prefix);
    if (subnet.base % subnet.size !== 0) {
      const aligned = new Subnet(subnet.base - (subnet.base % subnet.size), prefix);
      throw new RangeError(`"${text}" has host bits set; the network is ${aligned}`);
    }
    if (!PRIVATE.some((range) => subnet.overlaps(range))) {
      throw new RangeError(`"${text}" is not private; choose it from 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16`);
    }
    return subnet;
  }

  /** @internal */
  public static of(octets: readonly number[], prefix: number): Subnet {
    return new Subnet(toNumber(octets), prefix);
  }

  private constructor(
    private readonly base: number,
    private readonly prefix: number,
  ) {}

  private get size(): number {
    return 2 ** (32 - this.prefix);
  }

  /** The first address, which the bridge itself has on the Docker host. */
  public get gateway(): string {
    return this.address(1);
  }

  /**
   * The address at `position`, counted from the network address.
   *
   * @throws RangeError when the network has no host there.
   */
  public address(position: number): string {
    if (!Number.isInteger(position) || position < 1 || position > this.size - 2) {
      throw new RangeError(`${this} has no address at position ${position}`);
    }
    return toText(this.base + position);
  }

  /** The second half of the network. */
  public upperHalf(): Subnet {
    return new Subnet(this.base + this.size / 2, this.prefix + 1);
  }

  public overlaps(other: Subnet): boolean {
    return this.base < other.base + other.size && other.base < this.base + this.size;
  }

  public toString(): string {
    return `${toText(this.base)}/${this.prefix}`;
  }
}

const PRIVATE = [Subnet.of([10, 0, 0, 0], 8), Subnet.of([172, 16, 0, 0], 12), Subnet.of([192, 168, 0, 0], 16)];

function toNumber(octets: readonly number[]): number {
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
