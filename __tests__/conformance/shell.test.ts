import { assetText } from "../../constructs/core/asset";
import { withOperatorTexts } from "../../constructs/core/operator-texts";
import { renderLibrary } from "../../constructs/host/host-part";
import { OPERATOR_TEXTS } from "../../lib/stack/operator-texts";
import { planned } from "../support/application";
import { assetFiles } from "../support/assets";
import { localEnvironment } from "../support/example";
import { hostScripts } from "../support/host-parts";
import { describeUnless, missingProgram } from "../support/needs";
import { Sandbox } from "../support/sandbox";

const assets = assetFiles()
  .filter((path) => path.endsWith(".sh"))
  .map((path): [name: string, text: string] => [`constructs/${path}`, withOperatorTexts(assetText(path), OPERATOR_TEXTS)]);
const rendered = planned(localEnvironment())
  .files()
  .filter(({ path, text }) => path.endsWith(".sh") && !assets.some(([, asset]) => asset === text))
  .map(({ container, path, text }): [name: string, text: string] => [`${container}:${path}`, text]);
const host = [...hostScripts()].map(([part, text]): [name: string, text: string] => [`host:${part}`, text]);
/** Scripts as they lie in the repository, and those that are rendered. */
const scripts = [...assets, ...rendered, ...host];
/** What every part of a host begins with: a script of the repository, which is in the list itself. */
const LIBRARY = renderLibrary(OPERATOR_TEXTS)
  .replace(/^#!.*\n/, "")
  .trim();
/** Its comments, which say what shellcheck may overlook. */
const DIRECTIVES = LIBRARY.slice(0, LIBRARY.indexOf("\nset -eu"));
const SYNTAX = 'for script; do sh -n "$script" 2>&1 | sed "s|^|$script: |"; done';
const STYLE = 'shellcheck --format=gcc "$@"';
const missingShellcheck = missingProgram("shellcheck");

let sandbox: Sandbox;
/** Name of a script → what a program says about it, of a run about all of them. */
let syntax: ReadonlyMap<string, string>;
let style: ReadonlyMap<string, string>;
beforeAll(() => {
  sandbox = new Sandbox();
  syntax = reports(SYNTAX, scripts);
  const parts = host.map(([name, text]): [name: string, text: string] => [name, text.replace(LIBRARY, DIRECTIVES)]);
  style = missingShellcheck === undefined ? reports(STYLE, [...assets, ...rendered, ...parts]) : new Map();
});
afterAll(() => sandbox.remove());

/** What `command` says about the scripts, whose files are its arguments; each line begins with one. */
function reports(command: string, all: typeof scripts): ReadonlyMap<string, string> {
  const files = all.map(([, text], index) => ({ name: `${index}.sh`, path: sandbox.file(`${index}.sh`, text) }));
  const { stdout, stderr } = sandbox.sh(["-c", command, "sh", ...files.map(({ name }) => name)], {}, 120);
  const lines = `${stdout}${stderr}`.split("\n");
  const known = (line: string) => files.some(({ name }) => line.startsWith(`${name}:`));
  const strange = lines.filter((line) => line !== "" && !known(line));
  if (strange.length > 0) throw new Error(strange.join("\n"));
  return new Map(all.map(([name], index) => [name, lines.filter((line) => line.startsWith(`${index}.sh:`)).join("\n")]));
}

test("there are scripts to look at", () => {
  expect(scripts.map(([name]) => name)).toEqual(
    expect.arrayContaining(["constructs/secrets/assets/create-secrets.sh", "local-volume-owners:owners.sh", "host:firewall"]),
  );
  expect(host.filter(([, text]) => !text.includes(LIBRARY)).map(([name]) => name)).toEqual([]);
});

test.each(scripts)("%s begins as a POSIX script that ends at the first mistake", (_, text) => {
  expect(text).toMatch(/^#!\/bin\/sh\n/);
  expect(text).toMatch(/^set -eu$/m);
});

describe("sh -n", () => {
  test.each(scripts)("understands %s", (name) => {
    expect(syntax.get(name)).toBe("");
  });

  test("would refuse what is no script", () => {
    expect(reports(SYNTAX, [["broken", "if true; then echo; }"]]).get("broken")).toContain("yntax error");
  });
});

/** Lines of a script that call eval. */
function evals(text: string): string[] {
  return text.split("\n").filter((line) => /(^|[\s;&|(`])eval\s/.test(line.replace(/(^|\s)#.*/, "")));
}

test("shipped shell has no eval: a text that is executed can contain more than its author meant", () => {
  expect(scripts.flatMap(([name, text]) => evals(text).map((line) => `${name}: ${line.trim()}`))).toEqual([]);
  expect(evals('if ! output=$(eval "$1"); then')).toHaveLength(1);
});

describeUnless(missingShellcheck, "shellcheck", () => {
  test.each(scripts)("has nothing against %s", (name) => {
    expect(style.get(name)).toBe("");
  });

  test("would have something against an unquoted variable", () => {
    expect(reports(STYLE, [["unquoted", "#!/bin/sh\nrm -rf $1/data\n"]]).get("unquoted")).toContain("SC2086");
  });
});
