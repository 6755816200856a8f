import { spawnSync } from "node:child_process";
import { allCommands } from "../../../lib/cli/commands";
import { completionScript } from "../../../lib/cli/completion";
import { PROGRAM } from "../../../lib/cli/program";
import { describeUnless, ROOT } from "../../support/needs";

const has = (shell: string) => (spawnSync(shell, ["-c", "exit 0"]).status === 0 ? undefined : `no ${shell}`);

/** What bash offers behind `words`. */
function offered(script: string, words: readonly string[], complete = "_secure_bookstack"): string[] {
  const line = `${script}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; ${complete}; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync("bash", ["--norc", "-c", line], { cwd: ROOT, encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout.split("\n").filter((word) => word !== "");
}

describeUnless(has("bash"), "completion in bash", () => {
  const script = completionScript("bash", allCommands());

  test.each([
    [[PROGRAM, "rest"], ["restore"]],
    [
      [PROGRAM, "rotate-"],
      ["rotate-logs", "rotate-secret"],
    ],
    [[PROGRAM, "deploy", "lo"], ["local"]],
    [[PROGRAM, "verify", "local", "--a"], ["--attack"]],
    [[PROGRAM, "schema", "lo"], []],
  ])("%j", (words, wanted) => {
    expect(offered(script, words)).toEqual(wanted);
  });

  test("behind npx, too", () => {
    expect(offered(script, ["npx", PROGRAM, "verify", "--at"], "_secure_bookstack_npx")).toEqual(["--attack"]);
    expect(offered(script, ["npx", "secure"], "_secure_bookstack_npx")).toEqual([PROGRAM]);
  });
});

describeUnless(has("zsh"), "completion in zsh", () => {
  test("is a script that zsh can read", () => {
    expect(spawnSync("zsh", ["-n"], { input: completionScript("zsh", allCommands()), encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  });
});

describeUnless(has("fish"), "completion in fish", () => {
  test("is a script that fish can read", () => {
    expect(spawnSync("fish", ["-n"], { input: completionScript("fish", allCommands()), encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  });
});
