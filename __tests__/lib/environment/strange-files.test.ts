import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigurationError } from "../../../constructs/core/errors";
import { loadEnvironment } from "../../../lib/environment/load";
import type { Environment } from "../../../lib/environment/schema";
import { planOf } from "../../support/application";
import { plain } from "./plain";
import { STRANGE_FILES, type StrangeFile } from "./strange-files";

const NAME = "strange";
/** What a message says to do. */
const REMEDY =
  /; (write|give|add|remove|take|use|name|choose|list|set|save|keep|put|delete|close|correct|begin|raise|lower|shorten|type|copy|point|replace|change|did|known|indent|order|make|call|look|leave|run|lines|a new one)\b|\bmust (be|have|begin|stand|name)\b|such as|; .*\b(must|npm run|instead|take|use|set|write|add|give|choose|name)\b/;
/** The top level of a file, or the file itself. */
const WITHOUT_LINE = /^(the file|is |has |cannot|domain is missing|users is missing|wiki\.admin\.email is missing|the lines|aliases)/;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "strange-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

interface Verdict {
  readonly environment?: Environment;
  readonly problems: readonly string[];
}

function load(): Verdict {
  try {
    return { environment: loadEnvironment(NAME, directory), problems: [] };
  } catch (error) {
    // whatever else is thrown has a stack trace
    if (!(error instanceof ConfigurationError)) throw error;
    return { problems: error.problems };
  }
}

function judged({ text }: StrangeFile): Verdict {
  writeFileSync(join(directory, `${NAME}.yaml`), text);
  return load();
}

/** What is wrong with a refusal; nothing when each problem says where, what and what to do. */
function faultsOf(problems: readonly string[], { path, secret }: StrangeFile): string[] {
  const lines = problems.map((problem) => Number(/^line (\d+): /.exec(problem)?.[1] ?? 0));
  return [
    ...problems.filter((problem) => !/^line \d+: /.test(problem) && !WITHOUT_LINE.test(problem)).map((problem) => `no line: ${problem}`),
    ...problems.filter((problem) => !REMEDY.test(problem)).map((problem) => `no remedy: ${problem}`),
    ...problems.filter((problem) => /[\p{C}\p{Zl}\p{Zp}]|\n| at .*:\d+:\d+/u.test(problem)).map((problem) => `unreadable: ${problem}`),
    ...problems.filter((problem) => problem.length > 700).map((problem) => `too long: ${problem}`),
    ...(path !== undefined && !problems.some((problem) => mentions(problem, path)) ? [`no ${path}: ${problems.join(" | ")}`] : []),
    ...(secret !== undefined && problems.some((problem) => problem.includes(secret)) ? ["shows the secret"] : []),
    ...(lines.some((line, index) => line < (lines[index - 1] ?? 0)) ? [`not in order: ${lines.join()}`] : []),
  ];
}

/** Names the value, the block or list around it, or what is below it; of a value that decides about others, these are named. */
function mentions(problem: string, path: string): boolean {
  const [, named = ""] = /^(?:line \d+: )?([\w$.]+)/.exec(problem) ?? [];
  return path.startsWith(`${named}.`) || problem.includes(path);
}

test("there are four hundred of them, each another one", () => {
  expect(STRANGE_FILES.length).toBeGreaterThanOrEqual(400);
  expect(new Set(STRANGE_FILES.map(({ text }) => text.toString())).size).toBeGreaterThanOrEqual(400);
});

/** How many of the accepted ones are made into a stack: all of them takes minutes. */
const SYNTHESIZED = process.env.PROPERTY_RUNS === undefined ? 6 : Number.POSITIVE_INFINITY;

test("each of four hundred strange files is refused with line, path, value and remedy, or accepted and synthesizes", () => {
  const accepted = new Map<string, StrangeFile & { environment: Environment }>();
  const faults: string[] = [];
  for (const file of STRANGE_FILES) {
    const { environment, problems } = judged(file);
    if (environment) accepted.set(JSON.stringify(plain(environment)), { ...file, environment });
    else faults.push(...faultsOf(problems, file).map((fault) => `${file.name}: ${fault}`));
    if (environment && file.secret !== undefined) faults.push(`${file.name}: a secret was accepted`);
  }
  expect(faults).toEqual([]);
  const chosen = [...accepted.values()].filter((_, index) => index % Math.max(1, Math.ceil(accepted.size / SYNTHESIZED)) === 0);
  expect(chosen.length).toBeGreaterThan(3);
  const refused = chosen.flatMap(({ name, environment }) => {
    try {
      expect(JSON.parse(planOf(environment)).resource).toBeDefined();
      return [];
    } catch (error) {
      return [`${name}: ${(error as Error).message}`];
    }
  });
  expect(refused).toEqual([]);
});

describe("what is no file", () => {
  const path = () => join(directory, `${NAME}.yaml`);
  beforeEach(() => rmSync(path(), { recursive: true, force: true }));

  test.each<[string, () => void, string]>([
    ["a directory", () => mkdirSync(path()), "is no file; put a file in its place"],
    ["a broken link", () => symlinkSync("nothing", path()), "is a symbolic link to a file that does not exist; point it to one that does"],
    ["a link to itself", () => symlinkSync(`${NAME}.yaml`, path()), "is a symbolic link to itself; replace it by a file"],
    ["a device", () => symlinkSync("/dev/null", path()), "is no file; put a file in its place"],
  ])("%s", (_, make, problem) => {
    make();
    expect(load().problems).toEqual([problem]);
  });

  // root reads every file
  (process.getuid?.() === 0 ? test.skip : test)("a file that may not be read", () => {
    writeFileSync(path(), "domain: x\n");
    chmodSync(path(), 0);
    expect(load().problems).toEqual(["permission denied; run chmod u+r on it"]);
  });
});
