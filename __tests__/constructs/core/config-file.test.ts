import { Lazy } from "cdktf";
import fc from "fast-check";
import { parse } from "yaml";
import { ConfigFile, contentHash, valueHash } from "../../../constructs/core/config-file";
import { fromTerraformLiteral, terraformLiteral } from "../../../constructs/core/terraform-literal";

describe("ConfigFile", () => {
  test("is rendered when it is asked for, not when it is made", () => {
    const hosts: string[] = [];
    const file = ConfigFile.yaml("hosts.yml", () => ({ hosts }));
    hosts.push("a");
    expect(file.text()).toBe("hosts:\n  - a\n");
  });

  test("keeps every text in YAML, also those that look like another type", () => {
    const texts = fc.array(
      fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("no", "0x1F", "1e3", "2026-01-01", "~", "- a", "a: b", "# c", "*x", "x ".repeat(90))),
    );
    fc.assert(fc.property(texts, (list) => expect(parse(ConfigFile.yaml("x.yml", () => ({ list })).text())).toEqual({ list })));
  });

  test("writes sections of lines", () => {
    expect(ConfigFile.ini("x.ini", () => ({ PHP: { memory_limit: "64M" } })).text()).toBe("[PHP]\nmemory_limit=64M\n");
  });

  test("refuses a value that is unknown before apply", () => {
    const file = ConfigFile.text("env", () => `PASSWORD=${Lazy.stringValue({ produce: () => "later" })}`);
    expect(() => file.text()).toThrow("env holds a value unknown before apply; hand secrets over as files");
  });
});

describe("terraformLiteral", () => {
  test.each([
    ["${x}", "$${x}"],
    ["%{ if x }", "%%{ if x }"],
    ["$${x}", "$$${x}"],
    ["$%{x}", "$%%{x}"],
    ["$x {y} 100%", "$x {y} 100%"],
  ])("writes %s as %s", (text, literal) => {
    expect(terraformLiteral(text)).toBe(literal);
  });

  test("leaves nothing that Terraform would evaluate, and nothing that does not come back", () => {
    const texts = fc.array(fc.constantFrom("$", "%", "{", "}", "a", "\n", "${", "%{")).map((parts) => parts.join(""));
    fc.assert(
      fc.property(texts, (text) => {
        expect(terraformLiteral(text)).not.toMatch(/(^|[^$])\$\{|(^|[^%])%\{/);
        expect(fromTerraformLiteral(terraformLiteral(text))).toBe(text);
      }),
    );
  });
});

describe("contentHash", () => {
  const hash = (...files: [path: string, text: string][]) => contentHash(files.map(([path, text]) => ConfigFile.text(path, () => text)));

  test("has twelve hexadecimal digits, the same each time", () => {
    expect(hash(["a", "x"])).toMatch(/^[0-9a-f]{12}$/);
    expect(hash(["a", "x"])).toBe(hash(["a", "x"]));
  });

  test("changes with a path, a text, and the place where one ends and the next begins", () => {
    const hashes = [hash(["a", "x"]), hash(["a", "y"]), hash(["b", "x"]), hash(["ax", ""]), hash(["a", "x"], ["b", ""]), hash(["a", ""], ["x", ""])];
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe("valueHash", () => {
  test("changes exactly when the value does", () => {
    expect(valueHash({ a: [1, "2"] })).toBe(valueHash({ a: [1, "2"] }));
    expect(valueHash({ a: [1, "2"] })).not.toBe(valueHash({ a: [1, 2] }));
  });
});
