import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** Top of the repository. */
export const ROOT = join(__dirname, "..", "..");

/** `no openssl` when the program is not installed; nothing when it is. */
export function missingProgram(name: string): string | undefined {
  return spawnSync("sh", ["-c", 'command -v "$1"', "sh", name]).status === 0 ? undefined : `no ${name}`;
}

/** A group of tests that counts as skipped, with one printed line, while something it needs is missing. */
export function describeUnless(missing: string | undefined, name: string, tests: () => void): void {
  if (missing === undefined) {
    describe(name, tests);
    return;
  }
  process.stderr.write(`skipped: ${name}, ${missing}\n`);
  describe.skip(name, tests);
}
