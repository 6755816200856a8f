import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { type Check, unknown } from "../../../../lib/operations/verify/check";
import { CHECKS } from "../../../../lib/operations/verify/checks";
import { checksToRun, verify } from "../../../../lib/operations/verify/run";
import { targetOf } from "./target";

const DIRECTORY = join(__dirname, "..", "..", "..", "..", "lib", "operations", "verify", "checks");
const FILES = readdirSync(DIRECTORY);

test.each(FILES)("%s exports the check of its name, with a promise in one sentence, and has tests", (file) => {
  const { check } = require(join(DIRECTORY, file)) as { check: Check };
  expect(check.name).toBe(basename(file, ".ts"));
  expect(check.promise).toMatch(/^[a-z][^.\n]*(1\.[23][^.\n]*)?$/);
  expect(CHECKS).toContain(check);
  expect(readdirSync(join(__dirname, "checks"))).toContain(`${check.name}.test.ts`);
});

const finds = (name: string, problem: string | undefined, more: Partial<Check> = {}): Check => ({
  name,
  promise: `${name} holds`,
  run: async () => (problem === undefined ? [] : [{ problem, remedy: "repair it" }]),
  ...more,
});

test("each ends in one way, whatever the others do", async () => {
  const checks = [
    finds("good", undefined),
    finds("bad", "it is broken"),
    finds("nothing", "never seen", { skip: () => "there is nothing" }),
    finds("thrown", undefined, { run: () => Promise.reject(new Error("no engine\n  → start it")) }),
    finds("unseen", undefined, { run: async () => [unknown("it is dark", "light")] }),
    finds("both", undefined, { run: async () => [unknown("it is dark", "light"), { problem: "it is broken", remedy: "repair it" }] }),
  ];
  const heard: string[] = [];
  const outcomes = await verify(targetOf(), checks, ({ name }) => heard.push(name));
  expect(outcomes).toEqual([
    { name: "good", result: "ok", promise: "good holds" },
    { name: "bad", result: "failed", findings: [{ problem: "it is broken", remedy: "repair it" }] },
    { name: "nothing", result: "skipped", reason: "there is nothing" },
    {
      name: "thrown",
      result: "unknown",
      findings: [unknown("check failed to run: no engine", "make sure the environment is deployed and reachable, then retry")],
    },
    { name: "unseen", result: "unknown", findings: [unknown("it is dark", "light")] },
    { name: "both", result: "failed", findings: [unknown("it is dark", "light"), { problem: "it is broken", remedy: "repair it" }] },
  ]);
  expect(heard).toEqual(["good", "bad", "nothing", "thrown", "unseen", "both"]);
});

const names = (checks: readonly Check[]) => checks.map(({ name }) => name);

test("an attack is made only when it was asked for", () => {
  const checks = [finds("calm", undefined), finds("loud", undefined, { attack: true })];
  expect([names(checksToRun(undefined, false, checks)), names(checksToRun(undefined, true, checks))]).toEqual([["calm"], ["calm", "loud"]]);
  expect(CHECKS.filter(({ attack }) => attack).map(({ name }) => name)).toEqual(["ban"]);
});

test("the checks that are named run, and no other; a name that no check has is refused", () => {
  expect(names(checksToRun("outbound", false))).toEqual(["outbound"]);
  expect(names(checksToRun("tls-versions,ban", false))).toEqual(["ban", "tls-versions"]);
  expect(() => checksToRun("outbound,tsl-versions", false)).toThrow(/^there is no check "tsl-versions"\n {2}→ checks: alert-path, authorities, backup-age, /);
  expect(() => checksToRun("", true)).toThrow('there is no check ""');
});
