import { directRules, forwardedRules, unmatchedBehindProxies } from "../../../../constructs/edge/traefik/trusted-networks";

/** Whether the rule for `network` matches what a proxy says in `header`. */
function matches(network: string, header: string): boolean {
  const [, expression = ""] = /`X-Forwarded-For`, `(.+)`\)$/.exec(forwardedRules([network])[0] ?? "") ?? [];
  return new RegExp(expression).test(header);
}

test("clients that connect directly are matched by their address", () => {
  expect(directRules(["203.0.113.0/24", "2001:db8::/32"])).toEqual(["ClientIP(`203.0.113.0/24`)", "ClientIP(`2001:db8::/32`)"]);
});

describe("clients behind a proxy", () => {
  test.each([
    ["203.0.113.0/24", ["203.0.113.0", "203.0.113.255"], ["203.0.112.255", "203.0.114.0", "1203.0.113.1", "203.0.113.1234x", "203.0.1130.1"]],
    ["203.0.113.64/26", ["203.0.113.64", "203.0.113.127"], ["203.0.113.63", "203.0.113.128", "203.0.113.6"]],
    ["203.0.113.77/26", ["203.0.113.64", "203.0.113.127"], ["203.0.113.63"]],
    ["203.0.113.9/32", ["203.0.113.9"], ["203.0.113.90", "203.0.113.8"]],
    ["198.18.0.0/15", ["198.18.0.1", "198.19.255.255"], ["198.17.1.1", "198.20.1.1"]],
  ])("of %s are matched, and no others", (network, inside, outside) => {
    expect(inside.filter((address) => !matches(network, address))).toEqual([]);
    expect(outside.filter((address) => matches(network, address))).toEqual([]);
  });

  test("are matched by the last entry of the list alone: a client may have written the others", () => {
    expect(matches("203.0.113.0/24", "192.0.2.1, 203.0.113.5")).toBe(true);
    expect(matches("203.0.113.0/24", "203.0.113.5, 192.0.2.1")).toBe(false);
  });

  test("with IPv6 are not matched, and it is known which", () => {
    expect(forwardedRules(["2001:db8::/32"])).toEqual([]);
    expect(unmatchedBehindProxies(["2001:db8::/32", "203.0.113.0/24"])).toEqual(["2001:db8::/32"]);
  });
});
