import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allCommands } from "../../../lib/cli/commands";
import { completionScript, type Shell } from "../../../lib/cli/completion";
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

const directory = mkdtempSync(join(tmpdir(), "completion-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Writes the script of a shell to a file. */
function scriptFile(shell: Shell): string {
  const file = join(directory, shell);
  writeFileSync(file, completionScript(shell, allCommands()));
  return file;
}

/** Line → what it is after a press of Tab. */
const COMPLETED: readonly (readonly [line: string, completed: string])[] = [
  [`${PROGRAM} rest`, `${PROGRAM} restore`],
  [`${PROGRAM} deploy lo`, `${PROGRAM} deploy local`],
  [`${PROGRAM} verify local --at`, `${PROGRAM} verify local --attack`],
  [`npx ${PROGRAM} verify --at`, `npx ${PROGRAM} verify --attack`],
];

describeUnless(has("zsh"), "completion in a zsh that has loaded none before", () => {
  test.each(COMPLETED)("%s", (line, completed) => {
    // a zsh in its own terminal, which is read until the line appears, or a timeout
    const script = [
      "zmodload zsh/zpty",
      "zpty shell zsh -f -i",
      `zpty -w shell "PS1= ; source ${scriptFile("zsh")}; echo ready"`,
      "zpty -r shell text $'*\nready*'",
      `zpty -w -n shell "${line}"$'\t'`,
      `zpty -r shell text '*${completed}*'`,
    ];
    const { status, stderr } = spawnSync("zsh", ["-f", "-c", script.join("\n")], {
      cwd: ROOT,
      encoding: "utf8",
      timeout: 30_000,
      env: { ...process.env, COLUMNS: "200" },
    });
    expect([status, stderr]).toEqual([0, ""]);
  });
});

describeUnless(has("fish"), "completion in fish", () => {
  const candidates = (line: string) => {
    const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", `source ${scriptFile("fish")}; complete -C '${line}'`], { cwd: ROOT, encoding: "utf8" });
    expect(stderr).toBe("");
    return stdout
      .split("\n")
      .map((candidate) => candidate.split("\t")[0])
      .filter((word) => word !== "");
  };

  test.each(COMPLETED)("%s", (line, completed) => {
    expect(candidates(line)).toEqual([completed.split(" ").at(-1)]);
  });

  test("offers no files where a command takes none", () => {
    expect(candidates(`${PROGRAM} schema pack`)).toEqual([]);
  });
});
