import { X509Certificate } from "node:crypto";
import { check } from "../../../../../lib/operations/verify/checks/authorities";
import { AUTHORITY_PEM } from "../pem";
import { findings, targetOf } from "../target";

const END = Date.parse(new X509Certificate(AUTHORITY_PEM).validTo);
const DAY = 86_400_000;
const { environment } = targetOf();
const inside = { exec: async () => AUTHORITY_PEM };
/** What is found so many days before all authorities end. */
const before = (days: number, more = {}) =>
  findings(check, { subject: { now: () => new Date(END - days * DAY), environment: { ...environment, ...more } }, inside });

test("holds while all of them last", async () => {
  expect(await before(75)).toEqual([]);
});

test("that of the wiki is named 60 days before the others: people have to import its successor", async () => {
  expect(await before(73)).toEqual(["the authority of the wiki ends in 73 days"]);
  const [found] = await check.run(targetOf({ subject: { now: () => new Date(END - 73 * DAY) }, inside }));
  expect(found?.remedy).toBe("npm run ca -- local --renew, then import what it prints on every device");
});

test("that of the database and those that were given are named, too", async () => {
  const given = { tls: { ...environment.tls, issuer: "files", ca: AUTHORITY_PEM }, wiki: { ...environment.wiki, webhooks: [], webhookCa: AUTHORITY_PEM } };
  expect(await before(13, given)).toEqual([
    "the authority of the database ends in 13 days",
    "the authority in tls.ca ends in 13 days",
    "the authority in wiki.webhookCa ends in 13 days",
  ]);
  expect(await before(-2, given)).toContain("the authority of the database ended 2 days ago");
});

test("one that cannot be read is unknown, not good", async () => {
  expect(await findings(check, { inside: { exec: async () => "no certificate" } })).toEqual([
    "unknown: the authority of the wiki: its end cannot be read",
    "unknown: the authority of the database: its end cannot be read",
  ]);
});
