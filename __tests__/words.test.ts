import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./support/needs";

/** Phrases and names that readers do not search for, or do not understand at once → what the field says. */
const UNCLEAR: readonly (readonly [unclear: RegExp, instead: string])[] = [
  [/\bwho(?:m|so)?ever\b/i, "the user, the client, an attacker"],
  [/\b(?:some|any|every)body\b/i, "a user, every user, all clients"],
  [/\bwhom\b(?! (?:`guard`|`access`) admits)/i, "the user that"],
  [/\bnobody who\b/i, "no user who"],
  [/\banew\b/i, "again, recreated, from scratch"],
  [/\bis what it was\b|\bas (?:it|they) (?:was|were) before\b/i, "unchanged, previous"],
  [
    /\b(?:browsers|data|files|limits?|locks?|memory|processes|requests|rights|secrets|services|sessions|that|those) of others\b/i,
    "of other users, of other services",
  ],
  [/\bof one's own\b/i, "its own, your own"],
  [/\b(?:is|are|was|were) led\b|\bleads? (?:to|nowhere|here|there|elsewhere)\b/i, "is redirected, points to, is forwarded to"],
  [/\b(?:brings?|brought)\b(?!-|"\))/i, "installs, uploads, stores, restores, provides"],
  [/\btak(?:es?|en|ing) away\b|\btook away\b/i, "deletes, removes"],
  [/\bmakes? it so\b/i, "applies"],
  [/\bstands? (?:for|in for|behind|beside|before|between|on)\b/i, "means, replaces, is behind"],
  [/\bhand(?:s|ed|ing)? (?:it |them )?over\b/i, "passes, distributes"],
  [/\bgo(?:es)? round\b/i, "bypasses"],
  [/\bmend(?:s|ed)?\b/i, "fixes, repairs"],
  [/\bends? well\b/i, "succeeds"],
  [/\bby (?:itself|themselves)\b/i, "automatically"],
  [/\bspeaks? (?:TLS|HTTP|S3|first)\b/i, "uses TLS, accepts TLS 1.3 only"],
  [/\bbudget\b/i, "rate limit"],
  [/(?<!mysql-)\blog-ins?\b|\bsign(?:s|ed)? on\b/i, "sign in (people), login (events), single sign-on (the system)"],
  [/\bclosed out\b/i, "locked out"],
  [/\bfor want of\b|\bcry wolf\b|\bwithout further ado\b/i, "because of too little, false alarm, without extra steps"],
  [/\bvouch(?:es)?\b/i, "verifies, signed"],
  [/\bin as it was\b|\bis so\?|\bStill so\?/i, "drift"],
  [/\bwall(?:s)? that (?:is|are) part of it\b|\bby which wall\b/i, "protections"],
  [/\bGround\b|\blayGround\b/, "StackContext, createContext"],
  [/\bgifts?\b/i, "Grant"],
  [/\bBringing\b|\bBroughtSecrets\b|\bbring\.sh\b|\bbringer\b/, "SecretUpload, upload-secret.sh"],
  [/\bProvidedVariables\b|\bHostVariables\b/, "VolumeSecretVariables, HostSecretVariables"],
  [/\bHostStep\.guarded\b|\bway_back\b|\bwayBack\b/, "rollbackUnlessConfirmed, rollback"],
  [/\bBridgeDoor\b|\bBACKEND_DOORS\b/, "allowedBridgePorts"],
  [/\bPortalWay\b/, "IssuerEndpoint"],
  [/\baddressOf\b/, "resourceAddress"],
  [/\b(?:MANY|ONE|FORGET)_HOPS?\b/, "forwarded chain"],
  [
    /\b(?:const|let|function) \{?\[?(?:said|told|says|hand|together)\b|[({,:] ?(?:said|told|says)(?:: [a-zA-Z]|[,)] |\) =>)/,
    "output, message, grantRead, merge…",
  ],
  [/\(\.\.\.words\b|\bwords: readonly string\[\](?!, complete)/, "args, argv"],
  [/\((?:one|word)\) => (?:one|word)\.startsWith\("-/, "arg"],
];

/** Tracked texts for people: documents, comments, messages, names and tests, without what was written for earlier releases. */
const FILES = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT, encoding: "utf8" })
  .split("\n")
  .filter((file) => /\.(?:md|ts|js|sh|php|go|ya?ml|conf)$|^help$/.test(file))
  .filter((file) => !/^CHANGELOG\.md$|^__tests__\/words\.test\.ts$|^docs\/configuration\.md$|^node_modules\//.test(file));

/** `file:line: phrase → instead`, for each unclear phrase of `text`. */
function unclearIn(file: string, text: string): string[] {
  return text
    .split("\n")
    .flatMap((line, index) =>
      UNCLEAR.flatMap(([unclear, instead]) => (unclear.test(line) ? [`${file}:${index + 1}: ${unclear.exec(line)?.[0]} → ${instead}`] : [])),
    );
}

test("documents, comments, messages and names use the terms of the field", () => {
  expect(FILES.length).toBeGreaterThan(400);
  expect(FILES.flatMap((file) => unclearIn(file, readFileSync(join(ROOT, file), "utf8")))).toEqual([]);
});

test.each([
  ["You are led to the portal.", "are led"],
  ["// whoever traces the script does not see the value", "whoever"],
  ["The container is made anew.", "anew"],
  ["export interface Ground {", "Ground"],
  ["const gift: Gift = { stored };", "gift"],
  ["/** Lets everybody in. */", "everybody"],
  ["    fail 'one that was brought before stays'", "brought"],
  ["const said = docker.output(args);", "const said"],
  ["(line, told) => told.includes(line)", ", told) "],
  ["public run(...words: readonly string[]): Outcome {", "(...words"],
  ["steps: () => [HostStep.guarded(paths, restore)]", "HostStep.guarded"],
])("%s would be noticed", (line, phrase) => {
  expect(unclearIn("sample.md", `A sentence.\n${line}`)[0]).toContain(`sample.md:2: ${phrase} → `);
});
