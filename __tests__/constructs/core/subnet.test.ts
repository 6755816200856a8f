import fc from "fast-check";
import { Subnet } from "../../../constructs/core/subnet";

const RANGES = [
  { first: 10 * 2 ** 24, prefix: 8 },
  { first: 172 * 2 ** 24 + 16 * 2 ** 16, prefix: 12 },
  { first: 192 * 2 ** 24 + 168 * 2 ** 16, prefix: 16 },
];

/** First and last address of any private network that can be chosen, as numbers, and how it is written. */
const networks = fc.record({ range: fc.constantFrom(...RANGES), prefix: fc.integer({ min: 16, max: 28 }), place: fc.nat() }).map(({ range, prefix, place }) => {
  const size = 2 ** (32 - prefix);
  const first = range.first + (place % 2 ** (prefix - range.prefix)) * size;
  return { first, last: first + size - 1, text: `${written(first)}/${prefix}` };
});

function written(address: number): string {
  return [3, 2, 1, 0].map((byte) => Math.floor(address / 256 ** byte) % 256).join(".");
}

describe("Subnet", () => {
  test("is rendered as it was parsed", () => {
    fc.assert(fc.property(networks, ({ text }) => expect(`${Subnet.parse(text)}`).toBe(text)));
  });

  test("has the bridge at its first address, and hosts up to the one before the broadcast", () => {
    fc.assert(
      fc.property(networks, ({ first, last, text }) => {
        const subnet = Subnet.parse(text);
        expect(subnet.gateway).toBe(written(first + 1));
        expect(subnet.address(last - first - 1)).toBe(written(last - 1));
        expect(() => subnet.address(last - first)).toThrow(`${text} has no address at position ${last - first}`);
      }),
    );
  });

  test.each([0, -1, 1.5, Number.NaN])("has no address at position %d", (position) => {
    expect(() => Subnet.parse("172.30.10.0/24").address(position)).toThrow("has no address at position");
  });

  test("overlaps another exactly when they share an address, whichever is asked", () => {
    fc.assert(
      fc.property(networks, networks, (a, b) => {
        const shared = a.first <= b.last && b.first <= a.last;
        expect(Subnet.parse(a.text).overlaps(Subnet.parse(b.text))).toBe(shared);
        expect(Subnet.parse(b.text).overlaps(Subnet.parse(a.text))).toBe(shared);
      }),
    );
  });

  test("overlaps a part of itself, and not its neighbour", () => {
    const subnet = Subnet.parse("172.30.10.0/24");
    expect(subnet.overlaps(Subnet.parse("172.30.10.128/25"))).toBe(true);
    expect(subnet.overlaps(Subnet.parse("172.30.11.0/24"))).toBe(false);
  });

  test.each([
    ["172.30.10.0", "is no IPv4 network"],
    ["172.30.10.0/", "is no IPv4 network"],
    ["172.30.256.0/24", "is no IPv4 network"],
    ["172.030.10.0/24", "is no IPv4 network"],
    ["fd00::/64", "is no IPv4 network"],
    ["10.0.0.0/8", "must have a prefix from /16 to /28"],
    ["10.0.0.0/29", "must have a prefix from /16 to /28"],
    ["172.30.10.7/24", "has host bits set; the network is 172.30.10.0/24"],
    ["8.8.8.0/24", "is not private"],
    ["172.32.0.0/16", "is not private"],
  ])("refuses %s: %s", (text, reason) => {
    expect(() => Subnet.parse(text)).toThrow(reason);
  });
});
