import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { type Import, importsOf, typescriptBelow } from "./support/imports";
import { ROOT } from "./support/needs";

const SOURCES = typescriptBelow("main.ts", "lib", "tools", "constructs", "examples");
const IMPORTS = SOURCES.flatMap((file) => importsOf(file));

/** A file pattern, and what it may import; the first matching line applies. `$1` is the group of the pattern. */
const MAY_USE: readonly (readonly [user: RegExp, used: string])[] = [
  [/^constructs\/core\//, "constructs/core/"],
  [/^constructs\/docker\//, "constructs/(core|docker)/"],
  [/^constructs\/contracts\//, "constructs/(core|docker|secrets|contracts)/"],
  [/^constructs\/secrets\//, "constructs/(core|docker|secrets|contracts)/"],
  [/^constructs\/([^/]+)\//, "constructs/(core|docker|secrets|contracts|$1)/"],
  [/^examples\//, "constructs/"],
  [/^lib\/system\//, "(lib/system|constructs/core)/"],
  [/^lib\/environment\//, "(lib/(environment|system)|constructs)/"],
  [/^lib\/stack\//, "(lib/(stack|environment|system)|constructs)/"],
  [/^lib\/clients\//, "(lib/(clients|environment|system)|constructs)/"],
  [/^lib\/operations\//, "(lib/(operations|stack|clients|environment|system)|constructs)/"],
  [/^lib\/cli\/commands\//, "(lib|constructs)/"],
  [/^lib\/cli\//, "(lib/(?!cli/commands/)|constructs/)"],
  // for developers: a level of tests is asked what it needs
  [/^tools\//, "(tools|lib|constructs|e2e)/"],
  [/^main\.ts$/, "(lib|constructs)/"],
];
/** What is built on the base, for one purpose each. */
const PURPOSE = /^constructs\/(?!core\/|docker\/|secrets\/|contracts\/)/;

function isAllowed({ from, to, typeOnly }: Import): boolean {
  // the interfaces of another purpose: how parts are connected without one needing the other
  if (typeOnly && PURPOSE.test(from) && PURPOSE.test(to)) return true;
  const [user, used] = MAY_USE.find(([candidate]) => candidate.test(from)) ?? [/^/, "nothing"];
  return new RegExp(`^${used.replace("$1", user.exec(from)?.[1] ?? "")}`).test(to);
}

function wrongWays(imports: readonly Import[]): string[] {
  return imports.filter((candidate) => candidate.own && !isAllowed(candidate)).map(({ from, to }) => `${from} uses ${to}`);
}

/** Files that need each other when the program runs, in the order in which they do. */
function cycles(imports: readonly Import[]): string[] {
  const uses = new Map<string, string[]>();
  for (const { from, to, own, typeOnly } of imports) {
    const name = from.replace(/\.ts$/, "");
    if (own && !typeOnly) uses.set(name, [...(uses.get(name) ?? []), to]);
  }
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]): string[] => {
    if (way.includes(file)) return [[...way.slice(way.indexOf(file)), file].join(" → ")];
    if (done.has(file)) return [];
    done.add(file);
    return (uses.get(file) ?? []).flatMap((next) => walk(next, [...way, file]));
  };
  return [...uses.keys()].flatMap((file) => walk(file, []));
}

describe("dependencies", () => {
  test("point one way: main, cli → operations → clients, stack → environment → system; purposes → docker, secrets → core", () => {
    expect(IMPORTS.length).toBeGreaterThan(100);
    expect(wrongWays(IMPORTS)).toEqual([]);
  });

  test.each([
    ["constructs/core/a.ts", 'import { B } from "../docker/b";'],
    ["constructs/docker/a.ts", 'import type { B } from "../secrets/b";'],
    ["constructs/secrets/a.ts", 'import { B } from "../edge/b";'],
    ["constructs/wiki/a.ts", 'import {\n  type A,\n  B,\n} from "../edge/b";'],
    ["constructs/wiki/a.ts", 'export * from "../edge/b";'],
    ["constructs/wiki/a.ts", 'const { B } = require("../../lib/b");'],
    ["constructs/edge/a.ts", 'import type { Environment } from "../../lib/environment/schema";'],
    ["lib/stack/a.ts", 'import { B } from "../clients/docker/b";'],
    ["lib/clients/docker/a.ts", 'import { B } from "../../stack/b";'],
    ["lib/cli/a.ts", 'import { B } from "./commands/b";'],
    ["lib/cli/commands/a.ts", 'import { B } from "../../../tools/b";'],
    ["lib/system/a.ts", 'import { B } from "../environment/b";'],
    ["lib/operations/a.ts", 'import { B } from "../cli/b";'],
    ["lib/operations/a.ts", 'import "../../main";'],
    ["examples/a.ts", 'import { B } from "../lib/b";'],
  ])("would be refused in %s for %j", (file, text) => {
    expect(wrongWays(importsOf(file, text))).toHaveLength(1);
  });

  test("let a purpose know the interfaces of another", () => {
    expect(
      wrongWays(importsOf("constructs/wiki/a.ts", 'import type { IRoutable } from "../edge/traefik";\nimport { type A, type B } from "../edge/b";')),
    ).toEqual([]);
  });

  test("let an example import the library by the name of its package", () => {
    expect(wrongWays(importsOf("examples/a.ts", 'import { B } from "secure-bookstack-constructs/docker";'))).toEqual([]);
  });

  test("have no cycles", () => {
    expect(cycles(IMPORTS)).toEqual([]);
    const circle = [...importsOf("a/x.ts", 'import { Y } from "./y";'), ...importsOf("a/y.ts", 'import { X } from "./x";')];
    expect(cycles(circle)).toEqual(["a/x → a/y → a/x"]);
  });

  test("never load a whole provider: that takes seconds", () => {
    const whole = (imports: readonly Import[]) => imports.filter(({ to }) => /^@cdktf\/provider-[^/]+$/.test(to)).map(({ from }) => from);
    expect(whole(IMPORTS)).toEqual([]);
    expect(whole(importsOf("a.ts", 'import { container } from "@cdktf/provider-docker";'))).toEqual(["a.ts"]);
  });
});

describe("waiting", () => {
  test("is asynchronous: nothing blocks the thread", () => {
    const blocking = SOURCES.filter((file) => /\bAtomics\.wait\(/.test(readFileSync(join(ROOT, file), "utf8")));
    expect(blocking).toEqual([]);
  });
});

describe("constructs", () => {
  test("get what they need from their props: they read neither the environment of the process nor the operator's files", () => {
    const reading = SOURCES.filter((file) => file.startsWith("constructs/")).filter((file) =>
      /\bprocess\.(env|argv|cwd)\b|["'`/]environments\b/.test(readFileSync(join(ROOT, file), "utf8")),
    );
    expect(reading).toEqual([]);
  });
});

describe("sizes", () => {
  const lengthOf = (text: string) => text.split("\n").length - 1;
  const texts = SOURCES.map((file) => ({ file, text: readFileSync(join(ROOT, file), "utf8") }));

  test("a file has at most 250 lines", () => {
    expect(texts.filter(({ text }) => lengthOf(text) > 250).map(({ file, text }) => `${file}: ${lengthOf(text)}`)).toEqual([]);
  });

  test("a constructor has at most 40 lines", () => {
    expect(texts.filter(({ file }) => !file.startsWith("examples/")).flatMap(({ file, text }) => longConstructors(file, text))).toEqual([]);
    expect(longConstructors("a.ts", `class A {\n  constructor() {\n${"    this.a();\n".repeat(40)}  }\n}\n`)).toEqual(["a.ts: 42"]);
  });
});

/** Constructors of more than 40 lines, with their braces. */
function longConstructors(file: string, text: string): string[] {
  if (!text.includes("constructor(")) return [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  const lines = ({ pos, end }: ts.Node) => source.getLineAndCharacterOfPosition(end).line - source.getLineAndCharacterOfPosition(pos).line + 1;
  const bodies = (node: ts.Node): ts.Node[] => [...(ts.isConstructorDeclaration(node) && node.body ? [node.body] : []), ...node.getChildren().flatMap(bodies)];
  return bodies(source)
    .map(lines)
    .filter((length) => length > 40)
    .map((length) => `${file}: ${length}`);
}
