import { check } from "../../../../../lib/operations/verify/checks/docker-tls";
import { findings, NOW, targetOf } from "../target";

const { environment } = targetOf();
const subject = { environment: { ...environment, docker: { host: "tcp://203.0.113.10:2376" } } };
const ends = (days: number) => ({ dockerCertificates: async () => ({ "cert.pem": new Date(NOW.getTime() + days * 86_400_000) }) });

test("holds while they last, and is for Docker over TLS alone", async () => {
  expect(await findings(check, { subject, outside: ends(15) })).toEqual([]);
  expect(check.skip?.(targetOf())).toBe("Docker is not reached over TLS");
});

test.each([
  ["one that ends soon", ends(13), "cert.pem ends in 13 days"],
  ["one that cannot be read", ends(Number.NaN), "unknown: cert.pem: its end cannot be read"],
  ["a host that shows none", { dockerCertificates: async () => ({}) }, "unknown: tcp://203.0.113.10:2376 shows no certificate"],
])("%s is not good", async (_, outside, problem) => {
  expect(await findings(check, { subject, outside })).toEqual([problem]);
});
