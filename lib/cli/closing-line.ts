import { readFileSync } from "node:fs";

/** `N passed, N failed`, as build servers read it. */
export function closingLine(file: string): string {
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = JSON.parse(readFileSync(file, "utf8"));
  return `\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`;
}
