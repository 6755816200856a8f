import { check } from "../../../../../lib/operations/verify/checks/tls-versions";
import { findings, targetOf, URLS } from "../target";

const handshake = (protocol: string) => ({ protocol, distrusted: undefined, validTo: new Date() });

test("succeeds if only TLS 1.3 is accepted", async () => {
  expect(await findings(check)).toEqual([]);
});

test("an older version on one name is found", async () => {
  const shakeHands = async (url: string, version: string) => (version === "TLSv1.2" && url !== URLS.portal ? undefined : handshake(version));
  expect(await findings(check, { outside: { shakeHands } })).toEqual([`${URLS.portal} also accepts TLSv1.2`]);
});

test("silence is found", async () => {
  expect(await findings(check, { outside: { shakeHands: async () => undefined } })).toEqual(Object.values(URLS).map((url) => `${url} does not accept TLS 1.3`));
});

test("the TLS versions of a proxy in front are configured there", async () => {
  const { environment: usual } = targetOf();
  const environment = { ...usual, ports: { ...usual.ports, https: 8443, public: 443 }, access: { proxies: ["172.30.10.1/32"] } };
  const shakeHands = async (_: string, version: string) => (version === "TLSv1.2" ? handshake(version) : undefined);
  const found = await check.run(targetOf({ subject: { environment }, outside: { shakeHands } }));
  expect(new Set(found.map(({ remedy }) => remedy))).toEqual(new Set(["set what is in front of Traefik to TLS 1.3 alone"]));
});
