import { existsSync } from "node:fs";
import { join } from "node:path";
import { missingFor } from "../../e2e/support/needs";
import type { Arguments, Command } from "../../lib/cli/command";
import { ROOT } from "../../lib/operations/workspace";
import { runNode } from "../../lib/system/child";
import { OperatorError } from "../../lib/system/operator-error";
import { temporaryDirectory } from "../../lib/system/temporary";
import { closingLine } from "../closing-line";

const LEVELS = ["terraform", "e2e", "host", "faults"] as const;
export type Level = (typeof LEVELS)[number];

export const command: Command = {
  group: "develop",
  summary: "run the tests that need more than Node.js: terraform, e2e, host or faults",
  environment: "none",
  passesOn: "jest",
  run,
};

/**
 * `npm run test:terraform`, `npm run e2e`, `npm run test:host`, `npm run test:faults`: a level of tests that needs more than Node, or one line that says what it lacks.
 *
 * A word after it chooses one file (`npm run e2e -- sign-on`), or the faults with it in their name; what follows goes to jest.
 */
async function run({ rest: [name, ...words] }: Arguments): Promise<number> {
  const level = LEVELS.find((candidate) => candidate === name);
  if (!level) throw new OperatorError(`there is no level "${name}"`, LEVELS.map((known) => `npm run ${known === "e2e" ? known : `test:${known}`}`).join("\n"));
  const missing = missingFor(level);
  if (missing !== undefined) {
    process.stdout.write(`skipped: ${level}, ${missing}\n`);
    return 0;
  }
  const [only = "", ...args] = words[0]?.startsWith("-") ? ["", ...words] : words;
  const file = join(temporaryDirectory(), "jest.json");
  const jest = [join(ROOT, "node_modules/jest/bin/jest.js"), "--config", "e2e/jest.config.js", "--runInBand", "--json", `--outputFile=${file}`];
  const variables = level === "faults" ? { FAULTS_REPORT: join(ROOT, "docs", "benchmarks") } : {};
  const status = await runNode([...jest, ...chosen(level, only), ...args], {
    cwd: ROOT,
    env: { ...process.env, ...variables },
    stdio: ["ignore", "ignore", "inherit"],
  });
  process.stdout.write(existsSync(file) ? closingLine(file) : `\n${level}: interrupted\n`);
  return status === 0 ? 0 : 1;
}

/** Arguments with which jest runs a level, or what `only` names of it. */
function chosen(level: Level, only: string): string[] {
  if (level === "faults") return ["--testPathPatterns", "/faults/faults\\.test\\.ts$", ...(only === "" ? [] : ["--testNamePattern", only])];
  return ["--testPathPatterns", only === "" ? `${level}\\.test\\.ts$` : `/${only}(-${level})?\\.test\\.ts$`];
}
