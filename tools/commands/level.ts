import { existsSync } from "node:fs";
import { join } from "node:path";
import { missingFor } from "../../e2e/support/needs";
import type { Arguments, Command } from "../../lib/cli/command";
import { ROOT } from "../../lib/operations/workspace";
import { runNode } from "../../lib/system/child";
import { OperatorError } from "../../lib/system/operator-error";
import { temporaryDirectory } from "../../lib/system/temporary";
import { closingLine } from "../closing-line";

const LEVELS = ["terraform", "e2e", "host"] as const;
export type Level = (typeof LEVELS)[number];

export const command: Command = {
  group: "develop",
  summary: "run the tests that need more than Node.js: terraform, e2e or host",
  environment: "none",
  passesOn: "jest",
  run,
};

/**
 * `npm run test:terraform`, `npm run e2e`, `npm run test:host`: a level of tests that needs more than Node, or one line that says what it lacks.
 *
 * A word after it chooses one file (`npm run e2e -- sign-on`); what follows goes to jest.
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
  const chosen = only === "" ? `${level}\\.test\\.ts$` : `/${only}(-${level})?\\.test\\.ts$`;
  const status = await runNode([...jest, "--testPathPatterns", chosen, ...args], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  process.stdout.write(existsSync(file) ? closingLine(file) : `\n${level}: interrupted\n`);
  return status === 0 ? 0 : 1;
}
