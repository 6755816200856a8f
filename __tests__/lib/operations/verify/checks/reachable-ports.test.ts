import { check } from "../../../../../lib/operations/verify/checks/reachable-ports";
import { localEnvironment } from "../../../../support/example";
import { findings, targetOf } from "../target";

const open = (...ports: readonly number[]) => ({ outside: { reaches: async (port: number) => ports.includes(port) } });

test("holds where the edge answers and nothing else", async () => {
  expect(await findings(check)).toEqual([]);
});

test.each([3306, 3000, 2375, 8080])("port %d is found", async (port) => {
  expect(await findings(check, open(80, 443, port))).toEqual([`port ${port} answers, and should not`]);
});

test("a port of the edge that does not answer is found", async () => {
  expect(await findings(check, open(80))).toEqual(["port 443 does not answer"]);
});

test("an environment for this machine alone has no outside", () => {
  expect(check.skip?.(targetOf({ subject: { environment: localEnvironment() } }))).toBe("it is only reachable from this machine");
});

describe("behind a proxy on another port", () => {
  const environment = (more: object = {}) => ({
    ...targetOf().environment,
    ports: { address: "127.0.0.1", http: 8081, https: 8443, public: 443 },
    ...more,
  });

  test("the port of the URLs has to answer, and that of the Docker host must not", async () => {
    expect(await findings(check, { subject: { environment: environment() }, ...open(80, 443) })).toEqual([]);
    expect(await findings(check, { subject: { environment: environment() }, ...open(8443) })).toEqual([
      "port 443 does not answer",
      "port 8443 answers, and should not",
    ]);
  });

  test("by NAT both may answer", async () => {
    const nat = environment({ ports: { address: "0.0.0.0", http: 8081, https: 8443, public: 443 } });
    expect(await findings(check, { subject: { environment: nat }, ...open(443, 8443) })).toEqual([]);
  });

  test("on a laptop there is no outside", () => {
    expect(check.skip?.(targetOf({ subject: { environment: environment({ domain: "wiki.localhost" }) } }))).toBe("it is only reachable from this machine");
  });
});

test("behind Cloudflare, which answers on many ports itself, the host is asked", async () => {
  const { environment: usual } = targetOf();
  const environment = { ...usual, dns: { ...usual.dns, proxied: true, ipv4: "203.0.113.10", ipv6: "2001:db8::10" } };
  const reaches = (host: string, opened: number) => ({
    outside: {
      reaches: async (port: number, address?: string) =>
        address === undefined ? [80, 443, 8080].includes(port) : port === 443 || [host, opened].join() === [address, port].join(),
    },
  });
  expect(await findings(check, { subject: { environment }, ...reaches("none", 0) })).toEqual([]);
  expect(await findings(check, { subject: { environment }, ...reaches("2001:db8::10", 3306) })).toEqual(["port 3306 of 2001:db8::10 answers, and should not"]);
});

test("behind Cloudflare, a host that does not answer at all from here is not known to be closed", async () => {
  const { environment: usual } = targetOf();
  const environment = { ...usual, dns: { ...usual.dns, proxied: true, ipv4: "203.0.113.10" } };
  const reaches = async (port: number, address?: string) => address === undefined && (port === 80 || port === 443);
  expect(await findings(check, { subject: { environment }, outside: { reaches } })).toEqual([
    "unknown: 203.0.113.10 answers on none of the ports 80, 443, 22, so it is not known which are closed",
  ]);
  const nowhere = { ...usual, dns: { ...usual.dns, proxied: true } };
  await expect(findings(check, { subject: { environment: nowhere }, outside: { reaches } })).rejects.toThrow("the address of the Docker host is not known");
});

test("behind Cloudflare, a hardened host that clients can reach directly is found", async () => {
  const { environment: usual } = targetOf();
  const host = { onlyProxies: undefined };
  const environment = { ...usual, host, dns: { ...usual.dns, proxied: true, ipv4: "203.0.113.10" } };
  const reaches = async (port: number) => port === 80 || port === 443;
  expect(await findings(check, { subject: { environment }, outside: { reaches } })).toEqual([
    "port 80 of 203.0.113.10 answers, and should not",
    "port 443 of 203.0.113.10 answers, and should not",
  ]);
  const open = { ...environment, host: { onlyProxies: false } };
  expect(await findings(check, { subject: { environment: open }, outside: { reaches } })).toEqual([]);
});
