import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Arguments, Command } from "../../lib/cli/command";
import { ROOT } from "../../lib/operations/workspace";
import { runNode } from "../../lib/system/child";
import { temporaryDirectory } from "../../lib/system/temporary";
import { closingLine, slowestFiles } from "../closing-line";
import { jestArguments } from "../related-tests";

interface Step {
  readonly what: string;
  readonly program: string;
  readonly args: readonly string[];
}

/** What the last type check found, so that the next one reads only what has changed. */
const BUILD_INFO = "node_modules/.cache/secure-bookstack/types.tsbuildinfo";
const CHECKS: readonly Step[] = [
  { what: "types", program: "typescript/bin/tsc", args: ["--project", ".", "--incremental", "--tsBuildInfoFile", BUILD_INFO] },
  { what: "lint and format", program: "@biomejs/biome/bin/biome", args: ["check", "--error-on-warnings", "."] },
];
const SLOWEST = "--slowest";

export const command: Command = {
  group: "develop",
  summary: "check types, lint and formatting, then run every test that needs Node.js only",
  details:
    "--changed runs only the test files that a change since the branch left main can affect; --changed=<commit> compares with that commit.\n--slowest lists the ten slowest test files. Other arguments go to jest: a part of a path selects test files.",
  environment: "none",
  passesOn: "jest",
  run,
};

/** Checks types and lint beside the tests, which leave a processor idle at their start and end. */
async function run({ rest }: Arguments): Promise<number> {
  const args = jestArguments(
    rest.filter((arg) => arg !== SLOWEST),
    ROOT,
  );
  const directory = temporaryDirectory();
  const file = join(directory, "jest.json");
  process.stdout.write(`\n${[...CHECKS.map(({ what }) => what), "tests"].join(", ")}\n`);
  const checks = CHECKS.map((step, index) => ({ what: step.what, outcome: check(step, join(directory, `${index}.log`)) }));
  // jest's JSON goes to the file only
  const tests = await runNode([join(ROOT, "node_modules/jest/bin/jest.js"), "--ci", "--json", `--outputFile=${file}`, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const failed: string[] = [];
  for (const { what, outcome } of checks) {
    const { status, output } = await outcome;
    process.stdout.write(`\n${what}: ${status === 0 ? "passed\n" : `failed\n${output}`}`);
    if (status !== 0) failed.push(what);
  }
  if (existsSync(file) && rest.includes(SLOWEST)) process.stdout.write(slowestFiles(file, ROOT));
  process.stdout.write(existsSync(file) ? closingLine(file, failed) : "\ntests: interrupted\n");
  return tests !== 0 || failed.length > 0 ? 1 : 0;
}

/** Runs a step to its end, and gives what it printed: a file takes that, so that it does not mix with what jest shows. */
async function check({ program, args }: Step, log: string): Promise<{ readonly status: number; readonly output: string }> {
  const output = openSync(log, "w");
  try {
    const status = await runNode([join(ROOT, "node_modules", program), ...args], { cwd: ROOT, stdio: ["ignore", output, output] });
    return { status, output: readFileSync(log, "utf8") };
  } finally {
    closeSync(output);
  }
}
