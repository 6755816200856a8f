import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { type PolicyRule, RULES } from "../../../constructs/policy";
import { ALL } from "../../../constructs/policy/rule";

const DIRECTORY = join(__dirname, "..", "..", "..", "constructs", "policy", "rules");
const FILES = readdirSync(DIRECTORY);

test.each(FILES)("%s exports the rule of its name", (file) => {
  const { rule } = require(join(DIRECTORY, file)) as { rule: PolicyRule };
  expect(rule.name).toBe(basename(file, ".ts"));
  expect(RULES).toContain(rule);
});

test.each(FILES)("%s has tests", (file) => {
  expect(readdirSync(join(__dirname, "rules"))).toContain(`${basename(file, ".ts")}.test.ts`);
});

test.each(RULES.map((rule) => [rule.name, rule] as const))(
  "%s says in one sentence what it is good for, and about which containers",
  (_, { summary, kinds }) => {
    expect(summary).toMatch(/^[A-Za-z][^.]*$/);
    expect(kinds.length).toBeGreaterThan(0);
    expect(ALL).toEqual(expect.arrayContaining([...kinds]));
  },
);

test("each name is there once, in alphabetical order", () => {
  const names = RULES.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)].sort());
  expect(names).toHaveLength(FILES.length);
});
