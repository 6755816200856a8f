import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { parseEnvironment } from "../../../lib/environment/load";
import { keyPaths, keysAt, schemaAt } from "../../../lib/environment/problems/schema-walk";
import { environmentSchema } from "../../../lib/environment/schema";
import { planOf } from "../../support/application";
import { ROOT } from "../../support/needs";

/** Texts that Terraform would read as a template. */
const TEXTS = ["a ${x} %{y} b", "https://draw.example.com/?a=${x}", "${x}"];
const EXAMPLE = readFileSync(join(ROOT, "environments", "production.example.yaml"), "utf8");
const USER = ["users", 0] as const;

/** Every key that takes such a text, and the first of the texts that it takes. */
const TAKEN = [...keyPaths(environmentSchema), ...keysAt(USER, environmentSchema).map((key) => [...USER, key])].flatMap((path) => {
  const text = TEXTS.find((one) => schemaAt(path, environmentSchema).safeParse(one).success);
  return text === undefined ? [] : [[path, text] as const];
});

test("there are keys that take a text which Terraform would read as a template", () => {
  expect(TAKEN.map(([path]) => path.join("."))).toEqual(expect.arrayContaining(["mail.fromName", "wiki.admin.name", "users.0.displayName"]));
});

test("no text of an environment is read as a template by Terraform", () => {
  const document = parseDocument(EXAMPLE);
  for (const [path, text] of TAKEN) if (path.at(-1) !== "$schema") document.setIn(path, text);
  const json = planOf({ ...parseEnvironment("templates", String(document), "templates.yaml"), production: false });
  const read = [...json.matchAll(/.{0,60}(?<!\$)\$\{x\}|.{0,60}(?<!%)%\{y\}/g)].map(([found]) => found);
  expect(read).toEqual([]);
  expect(json).toContain("$${x}");
});
