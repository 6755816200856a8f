import { spawnSync } from "node:child_process";
import { Fn } from "cdktf";
import fc from "fast-check";
import { compareText, renderEnvironment, renderIni, shellWord } from "../../../constructs/core/render";

describe("renderIni", () => {
  test("writes sections and keys in the order given", () => {
    expect(renderIni({ mysqld: { port: 3306, socket: "/run/s" }, client: { user: "me" } })).toBe("[mysqld]\nport=3306\nsocket=/run/s\n\n[client]\nuser=me\n");
  });

  test("writes a bare key for true, a line for each value of a list, and no header without a name", () => {
    expect(renderIni({ "": { skip: true, path: ["a", "b"] } })).toBe("skip\npath=a\npath=b\n");
  });
});

describe("renderEnvironment", () => {
  test("orders variables by name, whatever the order they were given in", () => {
    expect(renderEnvironment({ B: 2, A: "one", Z_A: "", ZA: "x" })).toEqual(["A=one", "B=2", "ZA=x", "Z_A="]);
  });

  test("keeps a value from Terraform, which would read a template in it, but for one that is known later", () => {
    const later = Fn.join("", ["a", "b"]);
    expect(renderEnvironment({ NAME: 'The "Wiki" & ${x} %{if} $y', LATER: later })).toEqual([`LATER=${later}`, 'NAME=The "Wiki" & $${x} %%{if} $y']);
  });
});

describe("compareText", () => {
  test("orders by code unit, whatever the locale", () => {
    expect(["b", "ä", "B", "a", "_"].sort(compareText)).toEqual(["B", "_", "a", "b", "ä"]);
  });
});

describe("shellWord", () => {
  test("leaves plain words as they are", () => {
    expect(shellWord("--path=/etc/x_1.conf")).toBe("--path=/etc/x_1.conf");
  });

  test("is read by a shell as exactly that word", () => {
    const words = fc.array(fc.string({ unit: "grapheme" }).filter((word) => !word.includes("\0")));
    fc.assert(
      fc.property(words, (given) => {
        const all = ["", "it's", "$(date) `date` $HOME", "a\nb", "\\", "*", ...given];
        const { stdout } = spawnSync("sh", ["-c", `printf '%s\\0' ${all.map(shellWord).join(" ")}`], { encoding: "utf8" });
        expect(stdout.split("\0").slice(0, -1)).toEqual(all);
      }),
      { numRuns: 25 },
    );
  });
});
