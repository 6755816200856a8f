import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { parseEnvironment } from "../../../lib/environment/load";
import { keyPaths, keysAt, schemaAt } from "../../../lib/environment/problems/schema-walk";
import { type Environment, environmentSchema } from "../../../lib/environment/schema";
import { planned, planOf } from "../../support/application";
import { ROOT } from "../../support/needs";

/** Texts that Terraform, or a program, would read as a template. */
const TEXTS = ["a ${x} %{y} {{ z }} b", "https://draw.example.com/?a=${x}", "${x}"];
const EXAMPLE = readFileSync(join(ROOT, "environments", "production.example.yaml"), "utf8");
const USER = ["users", 0] as const;

/** Every key that takes such a text, and the first of the texts that it takes. */
const TAKEN = [...keyPaths(environmentSchema), ...keysAt(USER, environmentSchema).map((key) => [...USER, key])].flatMap((path) => {
  const text = TEXTS.find((candidate) => schemaAt(path, environmentSchema).safeParse(candidate).success);
  return text === undefined ? [] : [[path, text] as const];
});

test("there are keys that take a text which Terraform would read as a template", () => {
  expect(TAKEN.map(([path]) => path.join("."))).toEqual(expect.arrayContaining(["mail.fromName", "wiki.admin.name", "users.0.displayName"]));
});

/** The example, with such a text at each key that takes one. */
function withTexts(): Environment {
  const document = parseDocument(EXAMPLE);
  for (const [path, text] of TAKEN) if (path.at(-1) !== "$schema") document.setIn(path, text);
  return { ...parseEnvironment("templates", String(document), "templates.yaml"), production: false };
}

test("no text of an environment is read as a template by Terraform", () => {
  const json = planOf(withTexts());
  const read = [...json.matchAll(/(?<!\$)\$\{x\}|(?<!%)%\{y\}/g)].map(({ index }) => json.slice(index - 60, index + 5));
  expect(read).toEqual([]);
  expect(json).toContain("$${x}");
});

test("no text of an environment is read as a template by a program", () => {
  // those of Alertmanager are templates in some keys alone: not in the name of an account
  const templates = /configuration\.yml$|^dynamic\/|^(alerts|recordings)\.yml$/;
  const files = planned(withTexts())
    .files()
    .filter(({ path }) => templates.test(path));
  expect(files.length).toBeGreaterThan(3);
  expect(files.flatMap(({ container, path, text }) => (text.includes("{{ z }}") ? [`${container} ${path}`] : []))).toEqual([]);
  expect(files.find(({ path }) => path === "configuration.yml")?.text).toContain("{{`{{`}} z }}");
});
