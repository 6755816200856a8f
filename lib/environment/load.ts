import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { closest } from "fastest-levenshtein";
import { type Document, LineCounter, parseDocument } from "yaml";
import { ConfigurationError, type Problem } from "../../constructs/core/errors";
import { explain } from "./problems";
import { type Environment, environmentSchema } from "./schema";

/** Directory of the files, from the top of the repository. */
export const ENVIRONMENTS = "environments";
const ROOT = join(__dirname, "..", "..");
const ENDING = ".yaml";
/** Shows every key; it is no environment of its own. */
const EXAMPLE_ENDING = ".example.yaml";
const NAME = /^[a-z][a-z0-9-]{0,30}$/;

/** Names of the environments that have a file, in alphabetical order. */
export function environmentNames(directory = join(ROOT, ENVIRONMENTS)): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((file) => file.endsWith(ENDING) && !file.endsWith(EXAMPLE_ENDING))
    .map((file) => basename(file, ENDING))
    .sort();
}

/**
 * Reads `environments/<name>.yaml`.
 *
 * @throws ConfigurationError with every problem of the file.
 */
export function loadEnvironment(name: string, directory = join(ROOT, ENVIRONMENTS)): Environment {
  const file = join(directory, `${name}${ENDING}`);
  const shown = relative(process.cwd(), file);
  if (!NAME.test(name)) {
    throw new ConfigurationError(shown, [`the name "${name}" must be 1 to 31 lower-case letters, digits or "-", and begin with a letter; rename the file`]);
  }
  if (!existsSync(file)) throw new ConfigurationError(shown, [missing(name, directory)]);
  return parseEnvironment(name, readFileSync(file, "utf8"), shown);
}

function missing(name: string, directory: string): Problem {
  const names = environmentNames(directory);
  const hint = names.length > 0 ? `there is ${names.join(", ")}; did you mean "${closest(name, names)}"?` : "there is none yet";
  return `no such file; ${hint} A new one begins as a copy of ${ENVIRONMENTS}/production${EXAMPLE_ENDING}`;
}

/**
 * Reads the text of an environment file; `file` is what problems call it.
 *
 * @throws ConfigurationError with every problem of the text.
 */
export function parseEnvironment(name: string, text: string, file: string): Environment {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    throw new ConfigurationError(
      file,
      broken.map(({ message, pos }) => `line ${lines.linePos(pos[0]).line}: ${message}`),
    );
  }
  const parsed = environmentSchema.safeParse(plainValue(document, file), { reportInput: true });
  if (!parsed.success)
    throw new ConfigurationError(
      file,
      explain(parsed.error.issues, environmentSchema, (path) => lineOf(document, lines, path)),
    );
  return { ...parsed.data, name };
}

/** What the document says; aliases that refer to themselves or multiply are an operator's mistake like any other. */
function plainValue(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    throw new ConfigurationError(file, [`${(error as Error).message}; write the values out`]);
  }
}

/** Line of the value at `path`, or of the nearest that holds it; none for an empty document. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}
