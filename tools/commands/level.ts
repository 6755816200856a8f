import { existsSync } from "node:fs";
import { join } from "node:path";
import { COMPATIBILITY, engineInfo, engineLine } from "../../e2e/support/compatibility";
import { E2E_DOCKER_HOST, LEVELS, type Level, missingFor } from "../../e2e/support/needs";
import type { Arguments, Command } from "../../lib/cli/command";
import { ROOT } from "../../lib/operations/workspace";
import { runNode } from "../../lib/system/child";
import { OperatorError } from "../../lib/system/operator-error";
import { temporaryDirectory } from "../../lib/system/temporary";
import { closingLine } from "../closing-line";
import { GENERATED, writeParts } from "../documents/generated";

/** Parts of the benchmarks, by the name of their file in e2e/bench; the first is that of `npm run bench`. */
const BENCHMARKS = ["load", "deploy", "cost", "backup", "detection", "soak", "sizes"] as const;

export const command: Command = {
  group: "develop",
  summary: "run the tests that need more than Node.js: terraform, e2e, host, faults or bench",
  environment: "none",
  passesOn: "jest",
  run,
};

/**
 * `npm run test:terraform`, `npm run e2e`, `npm run test:host`, `npm run test:faults`, `npm run bench`: a level of tests that needs more than Node, or one line that says what it lacks.
 *
 * A word after it chooses one file (`npm run e2e -- sign-on`), or the faults with it in their name; what follows goes to jest, except
 * `--record`, with which `npm run e2e -- compatibility` writes its rows into the tables of docs/compatibility.md.
 */
async function run({ rest: [name, ...argv] }: Arguments): Promise<number> {
  const level = LEVELS.find((candidate) => candidate === name);
  if (!level) throw new OperatorError(`there is no level "${name}"`, LEVELS.map((known) => `npm run ${scriptOf(known)}`).join("\n"));
  // for each docker command of the tests; those of the environments name their engine themselves
  if (E2E_DOCKER_HOST !== undefined) process.env.DOCKER_HOST = E2E_DOCKER_HOST;
  const missing = missingFor(level);
  if (missing !== undefined) {
    process.stdout.write(`skipped: ${level}, ${missing}\n`);
    return 0;
  }
  if (level === "e2e") process.stderr.write(`${engineLine(engineInfo())}\n`);
  const { argv: others, variables: numbers } = level === "bench" ? withoutNumbers(argv) : withoutRecord(argv);
  const [only = "", ...args] = others[0]?.startsWith("-") ? ["", ...others] : others;
  const file = join(temporaryDirectory(), "jest.json");
  const jest = [join(ROOT, "node_modules/jest/bin/jest.js"), "--config", "e2e/jest.config.js", "--runInBand", "--json", `--outputFile=${file}`];
  const variables = { [REPORT[level] ?? ""]: join(ROOT, "docs", "benchmarks"), ...numbers };
  const status = await runNode([...jest, ...chosen(level, only), ...args], {
    cwd: ROOT,
    env: { ...(level in REPORT ? variables : numbers), ...process.env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  // a report elsewhere is not quoted
  if (level === "bench" && process.env.BENCH_REPORT === undefined) writeParts(GENERATED.filter((part) => part.name === "benchmarks"));
  if ("E2E_RECORD" in numbers) writeParts(GENERATED.filter((part) => part.page === "docs/compatibility.md"));
  process.stdout.write(existsSync(file) ? closingLine(file) : `\n${level}: interrupted\n`);
  return status === 0 ? 0 : 1;
}

/** Variable that names the directory of the report of a level. */
const REPORT: Partial<Record<Level, string>> = { faults: "FAULTS_REPORT", bench: "BENCH_REPORT" };

function scriptOf(level: Level): string {
  return level === "e2e" || level === "bench" ? level : `test:${level}`;
}

/** `--seconds=4` and the like are for the benchmark, and reach it as variables. */
export function withoutNumbers(argv: readonly string[]): { argv: string[]; variables: Record<string, string> } {
  const numbers = argv.flatMap((arg) => [...arg.matchAll(/^--([a-z]+)=([\d.]+)$/g)]);
  return {
    argv: argv.filter((arg) => !/^--[a-z]+=[\d.]+$/.test(arg)),
    variables: Object.fromEntries(numbers.map(([, name = "", value = ""]) => [`BENCH_${name.toUpperCase()}`, value])),
  };
}

/** `--record` is for the test of the base deployment, and reaches it as a variable with the file of the rows. */
export function withoutRecord(argv: readonly string[]): { argv: string[]; variables: Record<string, string> } {
  const others = argv.filter((arg) => arg !== "--record");
  return { argv: others, variables: others.length === argv.length ? {} : { E2E_RECORD: COMPATIBILITY } };
}

/** Arguments with which jest runs a level, or what `only` names of it. */
function chosen(level: Level, only: string): string[] {
  if (level === "faults") return ["--testPathPatterns", "/faults/faults\\.test\\.ts$", ...(only === "" ? [] : ["--testNamePattern", only])];
  if (level === "bench") {
    const part = BENCHMARKS.find((candidate) => candidate === (only === "" ? BENCHMARKS[0] : only));
    if (part === undefined) throw new OperatorError(`there is no benchmark "${only}"`, BENCHMARKS.map((known) => `npm run bench -- ${known}`).join("\n"));
    return ["--testPathPatterns", `/bench/${part}\\.test\\.ts$`];
  }
  return ["--testPathPatterns", only === "" ? `${level}\\.test\\.ts$` : `/${only}(-${level})?\\.test\\.ts$`];
}
