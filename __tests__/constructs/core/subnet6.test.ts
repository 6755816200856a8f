import { isIPv6 } from "node:net";
import fc from "fast-check";
import { canonicalIpv6, Subnet6 } from "../../../constructs/core/subnet6";

describe("Subnet6", () => {
  test.each([
    ["fd80:10:1::/64", "fd80:10:1::/64", "fd80:10:1::1"],
    ["FD80:0010:0001:0000:0000:0000:0000:0000/64", "fd80:10:1::/64", "fd80:10:1::1"],
    ["fd00::/112", "fd00::/112", "fd00::1"],
    ["fdff:ffff:ffff:ffff:ffff:ffff:ffff:0/112", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:0/112", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:1"],
  ])("reads %s in the form in which Docker prints it", (text, subnet, gateway) => {
    expect([`${Subnet6.parse(text)}`, Subnet6.parse(text).gateway]).toEqual([subnet, gateway]);
  });

  test.each([
    ["fd80:10:1::", '"fd80:10:1::" is no IPv6 network; write it like fd80:10:1::/64'],
    ["172.30.10.0/24", '"172.30.10.0/24" is no IPv6 network; write it like fd80:10:1::/64'],
    ["fd80::1::/64", '"fd80::1::/64" is no IPv6 network; write it like fd80:10:1::/64'],
    ["fd80:10:1::/48", '"fd80:10:1::/48" must have a prefix from /64 to /112'],
    ["fd80:10:1::/128", '"fd80:10:1::/128" must have a prefix from /64 to /112'],
    ["fd80:10:1::5/64", '"fd80:10:1::5/64" has host bits set; the network is fd80:10:1::/64'],
    ["2001:db8::/64", '"2001:db8::/64" is not a unique local network; choose it from fd00::/8'],
    ["fc00::/64", '"fc00::/64" is not a unique local network; choose it from fd00::/8'],
    ["::/64", '"::/64" is not a unique local network; choose it from fd00::/8'],
  ])("refuses %s", (text, reason) => {
    expect(() => Subnet6.parse(text)).toThrow(reason);
  });

  test("derived from a name is one that can be written, the same for the same name, another for another", () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const derived = `${Subnet6.derive(name)}`;
        expect([`${Subnet6.parse(derived)}`, `${Subnet6.derive(name)}`]).toEqual([derived, derived]);
        expect(isIPv6(Subnet6.derive(name).gateway)).toBe(true);
      }),
    );
    expect(`${Subnet6.derive("local")}`).not.toBe(`${Subnet6.derive("production")}`);
  });
});

test.each([
  ["2001:DB8:0:0:0:0:0:10", "2001:db8::10"],
  ["::", "::"],
  ["0:0:0:0:0:0:0:1", "::1"],
])("%s is printed as %s", (written, printed) => {
  expect(canonicalIpv6(written)).toBe(printed);
});
