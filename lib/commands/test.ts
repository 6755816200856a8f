import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./workspace";

interface Step {
  readonly what: string;
  readonly program: string;
  readonly args: readonly string[];
}

/** `npm test`: types, lint and format, then every test that needs nothing but Node. Words after it go to jest. */
export function run(args: readonly string[]): number {
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

/** `N passed, N failed`, as build servers read it. */
export function closingLine(file: string): string {
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = JSON.parse(readFileSync(file, "utf8"));
  return `\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`;
}
