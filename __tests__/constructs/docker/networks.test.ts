import fc from "fast-check";
import { Subnet } from "../../../constructs/core/subnet";
import { Subnet6 } from "../../../constructs/core/subnet6";
import { BridgeNetwork, bridgeName, Networks, overlaps } from "../../../constructs/docker/networks";
import { context, planOf } from "../../support/plan";

describe("Networks", () => {
  const { all } = planOf(() => undefined);
  const named = (name: string) => all("docker_network").find((network) => network.name === `test-${name}`);

  test("lets only proxy out", () => {
    expect(all("docker_network")).toHaveLength(3);
    expect(["proxy", "backend", "database"].map((name) => named(name)?.internal)).toEqual([false, true, true]);
  });

  test("names subnet and gateway, or every plan of a newer engine replaces the network", () => {
    expect(named("backend")?.ipam_config).toEqual([{ subnet: "172.30.20.0/24", gateway: "172.30.20.1" }]);
  });

  test("gives IPv6 addresses only to proxy, with the gateway named, and only on request", () => {
    expect(["proxy", "backend", "database"].map((name) => named(name)?.ipv6)).toEqual([false, false, false]);
    const six = planOf(({ stack }) => {
      const subnets = { proxy: Subnet.parse("10.0.0.0/24"), backend: Subnet.parse("10.0.1.0/24"), database: Subnet.parse("10.0.2.0/24") };
      new Networks(stack, "More", { namespace: "more", subnets, proxy6: Subnet6.parse("fd80::/64") });
    }).all("docker_network");
    const ranges = (name: string) => six.find((network) => network.name === `more-${name}`);
    expect(ranges("proxy")).toMatchObject({
      ipv6: true,
      ipam_config: [
        { subnet: "10.0.0.0/24", gateway: "10.0.0.1" },
        { subnet: "fd80::/64", gateway: "fd80::1" },
      ],
    });
    expect([ranges("backend")?.ipv6, ranges("backend")?.ipam_config]).toEqual([false, [{ subnet: "10.0.1.0/24", gateway: "10.0.1.1" }]]);
  });

  test("names the bridges, so that firewall rules can", () => {
    expect(named("proxy")?.options).toEqual({ "com.docker.network.bridge.name": "bs-test-px" });
  });

  test("refuses subnets that share addresses, every pair at once", () => {
    const { stack } = context();
    const subnets = { proxy: Subnet.parse("10.0.0.0/16"), backend: Subnet.parse("10.0.1.0/24"), database: Subnet.parse("10.0.2.0/24") };
    expect(() => new Networks(stack, "More", { namespace: "more", subnets })).toThrow(/proxy 10.0.0.0\/16 overlaps backend.*overlaps database/s);
  });

  test("refuses a bridge whose name Linux would not take", () => {
    const { stack } = context();
    const build = () => new BridgeNetwork(stack, "N", { namespace: "n", name: "n", subnet: Subnet.parse("10.0.0.0/24"), bridge: "a-name-of-16-char" });
    expect(build).toThrow('bridge must be at most 15 lower-case letters, digits or "-", got "a-name-of-16-char"');
  });
});

describe("overlaps", () => {
  test("says nothing about networks side by side", () => {
    expect(overlaps({ a: Subnet.parse("10.0.0.0/24"), b: Subnet.parse("10.0.1.0/24") })).toEqual([]);
  });
});

describe("bridgeName", () => {
  /** Names that an environment may have. */
  const namespaces = fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/);

  test("is one that Linux takes, whatever the namespace", () => {
    fc.assert(
      fc.property(namespaces, fc.constantFrom("px", "be", "db"), (namespace, suffix) => /^bs-[a-z0-9-]+-(px|be|db)$/.test(bridgeName(namespace, suffix))),
    );
    fc.assert(fc.property(namespaces, (namespace) => bridgeName(namespace, "px").length <= 15));
  });

  test("shows a short namespace as it is", () => {
    expect(bridgeName("local", "px")).toBe("bs-local-px");
    expect(bridgeName("ninechars", "db")).toBe("bs-ninechars-db");
  });

  test("tells namespaces apart, also those that begin alike", () => {
    const digits = Array.from({ length: 300 }, (_, index) => `production-${index}`);
    const letters = [..."abcdefghijklmnopqrstuvwxyz"].flatMap((a) => [..."0123456789"].map((b) => `production-${a}${b}`));
    const sites = ["production-eu", "production-us", "production-eu-west", "production-eu-east", "staging-eu-west", "staging-eu-east", "prod", "production"];
    const all = [...digits, ...letters, ...sites];
    expect(new Set(all.map((namespace) => bridgeName(namespace, "px"))).size).toBe(all.length);
  });
});

describe("fixed addresses", () => {
  test("belong to one container each, and never to the gateway", () => {
    planOf(({ networks: { backend } }) => {
      expect(backend.reserve(10, "one")).toBe("172.30.20.10");
      expect(() => backend.reserve(10, "other")).toThrow("position 10 of backend belongs to one; give other another");
      expect(() => backend.reserve(1, "other")).toThrow("position 1 of backend belongs to the Docker host; give other another");
    });
  });
});
