import { check } from "../../../../../lib/operations/verify/checks/dns";
import { localEnvironment } from "../../../../support/example";
import { findings, targetOf } from "../target";

const environment = (dns: object) => ({ ...localEnvironment(), domain: "wiki.example.com", dns: { ...localEnvironment().dns, ...dns } });
const managed = { provider: "cloudflare", zone: "example.com", ipv4: "203.0.113.10", ipv6: "2001:db8::10" } as const;
const resolve = (four: readonly string[], six: readonly string[]) => async (hostName: string, family: 4 | 6) =>
  hostName.startsWith("bookstack.") ? [...(family === 4 ? four : six)] : family === 4 ? ["203.0.113.10"] : [];

test("succeeds if every name points to the host", async () => {
  expect(await findings(check, { subject: { environment: environment(managed) } })).toEqual([]);
});

test.each([
  ["a name that is not there", {}, [], [], "there is no bookstack.wiki.example.com"],
  ["another IPv4 address", managed, ["198.51.100.1"], [], "bookstack.wiki.example.com points to 198.51.100.1, not to 203.0.113.10 and 2001:db8::10"],
  [
    "another IPv6 address",
    managed,
    ["203.0.113.10"],
    ["2001:db8::99"],
    "bookstack.wiki.example.com points to 2001:db8::99, not to 203.0.113.10 and 2001:db8::10",
  ],
])("%s is found", async (_, dns, four, six, problem) => {
  expect(await findings(check, { subject: { environment: environment(dns) }, outside: { resolve: resolve(four, six) } })).toEqual([problem]);
});

test("addresses of a proxy in front are taken for right ones", async () => {
  const world = { subject: { environment: environment({ ...managed, proxied: true }) }, outside: { resolve: resolve(["104.16.0.1"], []) } };
  expect(await findings(check, world)).toEqual([]);
});

test("names below localhost need none", () => {
  expect(check.skip?.(targetOf({ subject: { environment: localEnvironment() } }))).toContain("localhost");
});
