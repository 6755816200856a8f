import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Construct } from "constructs";
import { operatorTexts, setOperatorTexts, withOperatorTexts } from "../../../constructs/core/operator-texts";
import { OPERATOR_TEXTS } from "../../../lib/stack/operator-texts";
import { filesBelow } from "../../support/library-package";
import { ROOT } from "../../support/needs";
import { context } from "../../support/plan";

const CONSTRUCTS = join(ROOT, "constructs");
/** What constructs show at run time; the texts of alerts and dashboards are those of the wiki. */
const TEXTS = filesBelow(CONSTRUCTS)
  .filter((file) => !file.startsWith("monitoring/"))
  .map((file) => [file, readFileSync(join(CONSTRUCTS, file), "utf8")] as const);

/** Lines that are no comment. */
function statements(text: string): string[] {
  return text.split("\n").filter((line) => !/^\s*(#|\/\/|\*|\/\*)/.test(line));
}

describe("texts for the operator", () => {
  test("are those of the application: no construct and no script names one of its commands", () => {
    expect(TEXTS.length).toBeGreaterThan(200);
    const naming = TEXTS.filter(([, text]) => statements(text).some((line) => /\bnpm (run|start|test)\b|\bnpx\b/.test(line)));
    expect(naming.map(([file]) => file)).toEqual([]);
  });

  test("are all in a script, and every script has a text for each of its places", () => {
    const scripts = TEXTS.filter(([file]) => file.endsWith(".sh"));
    const places = (text: string) => [...text.matchAll(/@([a-z]+[A-Z]?[A-Za-z]*)@(?!%)/g)].map(([, name]) => name);
    const found = scripts.flatMap(([, text]) => places(text));
    expect([...new Set(found)].sort()).toEqual(Object.keys(OPERATOR_TEXTS).sort());
    expect(scripts.flatMap(([, text]) => places(withOperatorTexts(text)))).toEqual([]);
  });

  test("are those of the nearest scope, and have defaults", () => {
    const { stack } = context();
    const inner = new Construct(stack, "Inner");
    setOperatorTexts(stack, { authority: "Example", createBackup: "call Bob" });
    setOperatorTexts(inner, { createBackup: "call Alice" });
    expect(operatorTexts(inner)).toMatchObject({ authority: "Example", createBackup: "call Alice", releaseHost: "remove it first" });
    expect(withOperatorTexts('fail "$1: @createBackup@"', operatorTexts(stack))).toBe('fail "$1: call Bob"');
  });

  test.each(['say "no"', "`reboot`", "$(reboot)", "C:\\", "two\nlines"])("that a shell would read as something else are refused: %j", (text) => {
    expect(() => setOperatorTexts(context().stack, { createBackup: text })).toThrow("operator text createBackup must have no");
  });
});
