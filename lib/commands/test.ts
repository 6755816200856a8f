import { existsSync } from "node:fs";
import { join } from "node:path";
import { closingLine } from "../cli/closing-line";
import type { Arguments, Command } from "../cli/command";
import { runNode } from "../operations/child";
import { ROOT } from "../operations/workspace";
import { temporaryDirectory } from "../temporary";

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

async function run({ rest: args }: Arguments): Promise<number> {
  const file = join(temporaryDirectory(), "jest.json");
  const steps: Step[] = [
    { what: "types", program: "typescript/bin/tsc", args: ["--project", "."] },
    { what: "lint and format", program: "@biomejs/biome/bin/biome", args: ["check", "--error-on-warnings", "."] },
    { what: "tests", program: "jest/bin/jest.js", args: ["--ci", "--json", `--outputFile=${file}`, ...args] },
  ];
  for (const { what, program, args: words } of steps) {
    process.stdout.write(`\n${what}\n`);
    // jest's JSON goes to the file; on standard output it is for nobody
    const output = what === "tests" ? ("ignore" as const) : ("inherit" as const);
    const status = await runNode([join(ROOT, "node_modules", program), ...words], { cwd: ROOT, stdio: ["ignore", output, "inherit"] });
    if (what === "tests") process.stdout.write(existsSync(file) ? closingLine(file) : "\ntests: interrupted\n");
    else if (status !== 0) process.stdout.write(`\n${what}: failed\n`);
    if (status !== 0) return 1;
  }
  return 0;
}
