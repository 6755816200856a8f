import { X509Certificate } from "node:crypto";
import { check } from "../../../../../lib/operations/verify/checks/database-tls";
import { AUTHORITY_PEM, DATABASE_PEM } from "../pem";
import { findings } from "../target";

const probed: string[] = [];
const world = (shown: string | null, authority = AUTHORITY_PEM) => ({
  exec: async () => authority,
  probe: async ({ network }: { network: string }, args: readonly string[]) => {
    probed.push(`${network} ${args.join(" ")}`);
    return shown;
  },
});

test("holds for the certificate that the wiki trusts, looked at from the place of the wiki", async () => {
  expect(await findings(check, { inside: world(DATABASE_PEM) })).toEqual([]);
  expect(probed).toEqual(["container:local-bookstack certificate mysql://10.0.0.12:3306"]);
});

test("one that ends soon is found", async () => {
  const end = Date.parse(new X509Certificate(DATABASE_PEM).validTo);
  const subject = { now: () => new Date(end - 13 * 86_400_000) };
  expect(await findings(check, { subject, inside: world(DATABASE_PEM) })).toEqual(["the certificate of the database ends in 13 days"]);
});

test("a certificate of another CA is found, and one for another name", async () => {
  expect(await findings(check, { inside: world(AUTHORITY_PEM, DATABASE_PEM) })).toEqual([
    "the certificate of the database is not signed by the authority that the wiki trusts",
    "the certificate of the database is not for bookstack-db",
  ]);
});

test.each([
  ["a database that shows none", world(null), "the database shows no certificate at 10.0.0.12:3306"],
  ["a wiki whose authority cannot be read", world(DATABASE_PEM, ""), "unknown: the authority that the wiki trusts cannot be read"],
  ["a database that is not there", { inspect: async () => [] }, "unknown: local-bookstack-db is not there, or not on its network"],
])("%s is not good", async (_, inside, problem) => {
  expect(await findings(check, { inside })).toEqual([problem]);
});
