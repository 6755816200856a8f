import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { table } from "../lib/cli/output/layout";

/** What is read of the file that jest writes with --json. */
interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly startTime: number;
    readonly endTime: number;
    readonly assertionResults: readonly unknown[];
  }[];
}

/** `N passed, N failed`, as build servers read it; a failed check beside the tests and a file that could not be run count as failed. */
export function closingLine(file: string, failedChecks: readonly string[] = []): string {
  const { numPassedTests: passed, numFailedTests, numPendingTests: skipped, numRuntimeErrorTestSuites: broken } = results(file);
  const failed = numFailedTests + broken + failedChecks.length;
  const checks = failedChecks.length > 0 ? ` (${failedChecks.join(", ")})` : "";
  return `\n${passed} passed, ${failed} failed${checks}${skipped > 0 ? `, ${skipped} skipped` : ""}\n`;
}

/** The test files that took longest, with their seconds and the number of their tests. */
export function slowestFiles(file: string, root: string, count = 10): string {
  const taken = results(file).testResults.map(({ name, startTime, endTime, assertionResults }) => ({
    name: relative(root, name),
    seconds: (endTime - startTime) / 1000,
    tests: assertionResults.length,
  }));
  const slowest = taken.sort((a, b) => b.seconds - a.seconds).slice(0, count);
  const rows = slowest.map(({ name, seconds, tests }) => [seconds.toFixed(1), `${tests}`, name]);
  return `\n${table(["Seconds", "Tests", "File"], rows)}\n`;
}

function results(file: string): Results {
  return JSON.parse(readFileSync(file, "utf8"));
}
