import { check } from "../../../../../lib/operations/verify/checks/ipv6";
import type { Target } from "../../../../../lib/operations/verify/target";
import { findings, targetOf, type World } from "../target";

const ADDRESS = "2001:db8::10";
/** Client → the address that Traefik sees; nothing without an answer. */
type Seen = Readonly<Record<string, string | undefined>>;
const OWN = { host: ADDRESS, "local-proxy": "fd80::3" };
const GATEWAY = "fd80::1";

function environment(ports: object = {}, dns: object = {}): Target["environment"] {
  const { environment: usual } = targetOf();
  return { ...usual, ports: { ...usual.ports, ipv6: "::", ...ports }, dns: { ...usual.dns, ...dns } };
}

/** A Docker host with these addresses, whose edge knows clients by the addresses in `seen`. */
function world(seen: Seen, { addresses = [ADDRESS], ...given }: { addresses?: string[]; ports?: object; dns?: object } = {}): World {
  const log: string[] = [];
  return {
    subject: { environment: environment(given.ports, given.dns) },
    inside: {
      probe: async ({ network }, [verb, address, port, host, path]) => {
        if (verb === "addresses") return addresses;
        expect([verb, address, port, host]).toEqual(["from", given.dns === undefined ? addresses[0] : ADDRESS, "443", "bookstack.wiki.example.com"]);
        const known = seen[network];
        if (known !== undefined) log.push(JSON.stringify({ RequestPath: path, ClientHost: known }));
        return { status: known === undefined ? 0 : 302, address: OWN[network as keyof typeof OWN] };
      },
      exec: async (container, [, , , path = ""]) => {
        expect(container).toBe("local-traefik");
        return log
          .filter((line) => line.includes(path))
          .map((line) => `${line}\n`)
          .join("");
      },
    },
  };
}

test.each([
  ["an engine with its proxy", { host: ADDRESS, "local-proxy": GATEWAY }],
  ["an engine without its proxy", { host: GATEWAY, "local-proxy": OWN["local-proxy"] }],
])("holds with %s, which keeps the addresses of clients", async (_, seen) => {
  expect(await findings(check, world(seen))).toEqual([]);
});

test("clients that all have the gateway's address are found: IPv6 without ip6tables", async () => {
  const found = await findings(check, world({ host: GATEWAY, "local-proxy": GATEWAY }));
  expect(found).toEqual(["every client that comes by IPv6 has the address of the Docker host's gateway, so one ban would block all of them"]);
});

test("an address that does not answer is found: AAAA records without a listener", async () => {
  expect(await findings(check, world({}))).toEqual([`${ADDRESS} does not answer on port 443`]);
});

test.each([
  [{ addresses: [] }, "the Docker host has no IPv6 address"],
  [{ addresses: ["2001:db8::99"], dns: { ipv6: ADDRESS } }, `the Docker host does not have the address ${ADDRESS}`],
  [{ addresses: ["2001:db8::99"], ports: { ipv6: ADDRESS } }, `the Docker host does not have the address ${ADDRESS}`],
])("%j is found", async (given, problem) => {
  expect(await findings(check, world(OWN, given))).toEqual([problem]);
});

test("a request that is in no log says nothing of addresses", async () => {
  const { inside = {}, ...rest } = world(OWN);
  await expect(findings(check, { ...rest, inside: { ...inside, exec: async () => "" } })).rejects.toThrow("the access log of local-traefik has no line");
});

test.each([[{ ipv6: undefined }], [{ ipv6: "::1" }]])("there is nothing to look at with %j", (ports) => {
  expect(check.skip?.(targetOf({ subject: { environment: environment(ports) } }))).toBe("the wiki listens on IPv4 alone: ports.ipv6");
});
