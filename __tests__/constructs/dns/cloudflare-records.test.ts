import { isIP } from "node:net";
import { cloudflareRanges } from "../../../constructs/dns/cloudflare-ranges";
import { CloudflareRecords, type CloudflareRecordsProps } from "../../../constructs/dns/cloudflare-records";
import { type Block, planOf } from "../../support/plan";

function records(props: Partial<CloudflareRecordsProps> = {}): Block[] {
  const plan = planOf(({ stack }) => {
    new CloudflareRecords(stack, "Dns", {
      zone: "example.com",
      domain: "wiki.example.com",
      hostNames: ["bookstack.wiki.example.com", "auth.wiki.example.com"],
      ipv4: "203.0.113.10",
      comment: "managed by a test",
      ...props,
    });
  });
  return plan.all("cloudflare_dns_record");
}

const brief = (all: readonly Block[]) => all.map(({ type, name, content }) => [type, name, content].join(" ")).sort();

describe("CloudflareRecords", () => {
  test("creates a record for each host name and address", () => {
    expect(brief(records({ ipv6: "2001:db8::10" }))).toEqual([
      "A auth.wiki.example.com 203.0.113.10",
      "A bookstack.wiki.example.com 203.0.113.10",
      "AAAA auth.wiki.example.com 2001:db8::10",
      "AAAA bookstack.wiki.example.com 2001:db8::10",
    ]);
  });

  test("creates one wildcard record on request", () => {
    expect(brief(records({ wildcard: true, ipv4: undefined, ipv6: "2001:db8::10" }))).toEqual(["AAAA *.wiki.example.com 2001:db8::10"]);
  });

  test("says in each record who manages it", () => {
    const all = records({ issuer: { name: "letsencrypt.org", reportTo: "ops@example.com" } });
    expect(all.map(({ comment }) => comment)).toEqual(all.map(() => "managed by a test"));
  });

  test("leaves the TTL of proxied records to Cloudflare, which requires it", () => {
    expect(records().map(({ proxied, ttl }) => [proxied, ttl])).toEqual([
      [false, 300],
      [false, 300],
    ]);
    expect(records({ proxied: true }).map(({ proxied, ttl }) => [proxied, ttl])).toEqual([
      [true, 1],
      [true, 1],
    ]);
  });

  test("creates CAA records for the names of the wiki only", () => {
    const caa = records({ issuer: { name: "letsencrypt.org", reportTo: "ops@example.com" } }).filter(({ type }) => type === "CAA");
    expect(caa.map(({ name, data }) => [name, data])).toEqual([
      ["wiki.example.com", { flags: "0", tag: "iodef", value: "mailto:ops@example.com" }],
      ["wiki.example.com", { flags: "0", tag: "issue", value: "letsencrypt.org" }],
      ["wiki.example.com", { flags: "0", tag: "issuewild", value: ";" }],
    ]);
  });

  test("holds no token: Terraform reads it from its environment", () => {
    const { json } = planOf(({ stack }) => {
      new CloudflareRecords(stack, "Dns", { zone: "a.example", domain: "a.example", hostNames: ["a.example"], ipv4: "203.0.113.10", comment: "c" });
    });
    expect(JSON.parse(json).provider.cloudflare).toEqual([{}]);
  });

  test.each<[string, Partial<CloudflareRecordsProps>, string]>([
    ["a domain of another zone", { zone: "example.org" }, "domain wiki.example.com is not in the zone example.org"],
    ["a zone whose name only ends alike", { zone: "ample.com" }, "is not in the zone ample.com"],
    ["a host name of another domain", { hostNames: ["bookstack.example.com"] }, "host name bookstack.example.com is not below wiki.example.com"],
    ["no host name", { hostNames: [] }, "hostNames must name at least one"],
    ["no address", { ipv4: undefined }, "ipv4 or ipv6"],
  ])("refuses %s", (_, props, reason) => {
    expect(() => records(props)).toThrow(reason);
  });
});

test("the ranges of Cloudflare are ranges", () => {
  const ranges = cloudflareRanges().map((range) => range.split("/"));
  expect(ranges.length).toBeGreaterThan(20);
  expect(ranges.filter(([host = "", bits = ""]) => isIP(host) === 0 || Number(bits) < 10 || Number(bits) > 64)).toEqual([]);
});
