import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closingLine } from "../cli/closing-line";
import type { Arguments, Command } from "../cli/command";
import { ROOT } from "../operations/workspace";

interface Step {
  readonly what: string;
  readonly program: string;
  readonly args: readonly string[];
}

export const command: Command = {
  group: "develop",
  summary: "check types, lint and formatting, then run every test that needs Node.js only",
  environment: "none",
  passesOn: "jest",
  run,
};

function run({ rest: args }: Arguments): number {
  const results = mkdtempSync(join(tmpdir(), "secure-bookstack-"));
  const file = join(results, "jest.json");
  const steps: Step[] = [
    { what: "types", program: "typescript/bin/tsc", args: ["--project", "."] },
    { what: "lint and format", program: "@biomejs/biome/bin/biome", args: ["check", "--error-on-warnings", "."] },
    { what: "tests", program: "jest/bin/jest.js", args: ["--ci", "--json", `--outputFile=${file}`, ...args] },
  ];
  try {
    const failed = steps.find(({ what, program, args: words }) => {
      process.stdout.write(`\n${what}\n`);
      // jest's JSON goes to the file; on standard output it is for nobody
      const output = what === "tests" ? ("ignore" as const) : ("inherit" as const);
      return spawnSync(process.execPath, [join(ROOT, "node_modules", program), ...words], { cwd: ROOT, stdio: ["ignore", output, "inherit"] }).status !== 0;
    });
    if (failed?.what !== undefined && failed.what !== "tests") {
      process.stdout.write(`\n${failed.what}: failed\n`);
      return 1;
    }
    process.stdout.write(closingLine(file));
    return failed ? 1 : 0;
  } finally {
    rmSync(results, { recursive: true });
  }
}
