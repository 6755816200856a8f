import { check } from "../../../../lib/verify/checks/certificate";
import { findings, URLS } from "../subject";

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

test("none is found", async () => {
  expect(await findings(check, { outside: { shakeHands: async () => undefined } })).toContain(`${URLS.portal} shows no certificate`);
});
