import { check } from "../../../../../lib/operations/verify/checks/certificate";
import { findings, targetOf, URLS } from "../target";

const shown = (distrusted: string | undefined, validTo: string) => ({
  outside: { shakeHands: async (url: string) => (url === URLS.bookstack ? { protocol: "TLSv1.3", distrusted, validTo: new Date(validTo) } : GOOD) },
});
const GOOD = { protocol: "TLSv1.3", distrusted: undefined, validTo: new Date("2027-01-01") };

test("holds for a certificate that is accepted for weeks to come", async () => {
  expect(await findings(check)).toEqual([]);
});

test.each([
  ["one of another authority", shown("SELF_SIGNED_CERT_IN_CHAIN", "2027-01-01"), `${URLS.bookstack}: SELF_SIGNED_CERT_IN_CHAIN`],
  ["one that ends soon", shown(undefined, "2026-06-14T00:00:00Z"), `${URLS.bookstack}: the certificate ends in 12 days`],
])("%s is found", async (_, world, problem) => {
  expect(await findings(check, world)).toEqual([problem]);
});

test("one that is shown by an older version of TLS alone is looked at, too", async () => {
  const shakeHands = async (_: string, version: string) => (version === "TLSv1.2" ? { ...GOOD, protocol: version } : undefined);
  expect(await findings(check, { outside: { shakeHands } })).toEqual([]);
});

test("none is found", async () => {
  expect(await findings(check, { outside: { shakeHands: async () => undefined } })).toContain(`${URLS.portal} shows no certificate`);
});

test.each([
  ["local", /^docker logs local-certificates/],
  ["letsencrypt", /^docker logs local-traefik/],
  ["files", /^npm run certificate -- local fullchain\.pem privkey\.pem/],
] as const)("how one of %s is renewed", async (issuer, remedy) => {
  const { environment } = targetOf();
  const [found] = await check.run(
    targetOf({ subject: { environment: { ...environment, tls: { ...environment.tls, issuer } } }, ...shown("EXPIRED", "2026-05-01") }),
  );
  expect(found?.remedy).toMatch(remedy);
});

test("behind a proxy, browsers see its certificate", async () => {
  const { environment: usual } = targetOf();
  const environment = { ...usual, ports: { ...usual.ports, https: 8443, public: 443 }, access: { proxies: ["172.30.10.1/32"] } };
  const [found] = await check.run(targetOf({ subject: { environment }, ...shown("EXPIRED", "2026-05-01") }));
  expect(found?.remedy).toBe("renew the certificate of what is in front of the wiki; it is the one that browsers see");
});
