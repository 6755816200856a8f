import { existsSync, readdirSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { ConfigurationError, type Problem } from "../../constructs/core/errors";
import { redact } from "../../constructs/core/secret-kinds";
import { explain } from "./problems/explain";
import { inOrder, oneLine, quoted } from "./problems/finding";
import { misplacedSecrets } from "./problems/misplaced-secrets";
import { similar } from "./problems/similar";
import { readTextFile } from "./problems/text-file";
import { uselessKeys } from "./problems/useless-keys";
import { YamlText } from "./problems/yaml-text";
import { type Environment, environmentSchema } from "./schema";
import { nameOfStandby, standbyOf } from "./standby";

/** Directory of the files, from the top of the repository. */
export const ENVIRONMENTS = "environments";
const ROOT = join(__dirname, "..", "..");
const ENDING = ".yaml";
/** Shows every key; it is not an environment. */
const EXAMPLE_ENDING = ".example.yaml";
const NAME = /^[a-z][a-z0-9-]{0,30}$/;
const BEGIN = `a new one begins as a copy of ${ENVIRONMENTS}/production${EXAMPLE_ENDING}`;

/** Names of the environments that have a file, in alphabetical order. */
export function environmentNames(directory = join(ROOT, ENVIRONMENTS)): string[] {
  return filesIn(directory)
    .filter((file) => file.endsWith(ENDING) && !file.endsWith(EXAMPLE_ENDING))
    .map((file) => basename(file, ENDING))
    .sort();
}

/** Files that are not hidden: those belong to editors. */
function filesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  try {
    return readdirSync(directory).filter((file) => !file.startsWith("."));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigurationError(relative(process.cwd(), directory), [`cannot be listed (${code}); it must be a directory that you may read`]);
  }
}

/**
 * Reads `environments/<name>.yaml`.
 *
 * @throws ConfigurationError with every problem of the file.
 */
export function loadEnvironment(name: string, directory = join(ROOT, ENVIRONMENTS)): Environment {
  const base = nameOfStandby(name);
  if (base !== undefined && !environmentNames(directory).includes(name) && environmentNames(directory).includes(base)) {
    const second = standbyOf(loadEnvironment(base, directory));
    if (second) return second;
  }
  const file = join(directory, `${name}${ENDING}`);
  const shown = oneLine(relative(process.cwd(), file));
  if (!environmentNames(directory).includes(name)) throw new ConfigurationError(shown, [missing(name, directory)]);
  if (!NAME.test(name)) {
    throw new ConfigurationError(shown, [
      `the name ${quoted(name)} must be 1 to 31 lower-case letters, digits or "-", and begin with a letter; rename the file`,
    ]);
  }
  return parseEnvironment(name, readTextFile(file, shown), shown);
}

/** Whether an environment is on a cluster; a file with problems is none. */
export function hasCluster(name: string, directory?: string): boolean {
  try {
    return loadEnvironment(name, directory).cluster !== undefined;
  } catch (error) {
    if (error instanceof ConfigurationError) return false;
    throw error;
  }
}

/**
 * Reads every environment that has a file.
 *
 * @throws ConfigurationError with every problem of every file.
 */
export function loadEnvironments(directory = join(ROOT, ENVIRONMENTS)): Environment[] {
  const problems: Problem[] = [];
  const environments = environmentNames(directory).flatMap((name) => {
    try {
      return [loadEnvironment(name, directory)];
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      problems.push(...error.problems.map((problem) => `${error.where}: ${problem}`));
      return [];
    }
  });
  if (problems.length > 0) throw new ConfigurationError(oneLine(relative(process.cwd(), directory)), problems);
  return environments;
}

function missing(name: string, directory: string): Problem {
  const bare = name.replace(/\.ya?ml$/, "");
  if (bare !== name && environmentNames(directory).includes(bare)) return `no such file; name the environment without the ending of its file: ${bare}`;
  const otherEnding = filesIn(directory).find((file) => file !== `${name}${ENDING}` && /^\.ya?ml$/i.test(file.slice(name.length)) && file.startsWith(name));
  if (otherEnding !== undefined) return `no such file; rename ${otherEnding} to ${name}${ENDING}`;
  const names = environmentNames(directory);
  const meant = similar(name, names);
  if (meant !== undefined) return `no such file; did you mean ${meant}?`;
  return `no such file; there is ${names.join(", ") || "none yet"}, and ${BEGIN}`;
}

/**
 * Reads the text of an environment file; `file` is what problems call it.
 *
 * @throws ConfigurationError with every problem of the text.
 */
export function parseEnvironment(name: string, text: string, file: string): Environment {
  const written = new YamlText(text);
  if (written.value === undefined) {
    throw new ConfigurationError(file, written.findings.length > 0 ? inOrder(written.findings) : [`the file says nothing; ${BEGIN}`]);
  }
  const parsed = environmentSchema.safeParse(written.value, { reportInput: true });
  const secrets = misplacedSecrets(written.value, (path) => written.lineOf(path));
  const others = parsed.success ? [] : explain(parsed.error.issues, environmentSchema, written, secrets);
  const useless = uselessKeys(written.value, (path) => written.lineOf(path));
  const found = [...written.findings, ...secrets, ...others, ...useless];
  const problems = inOrder(found.map((finding) => ({ ...finding, text: redact(finding.text) })));
  if (!parsed.success || problems.length > 0) throw new ConfigurationError(file, problems);
  return { ...parsed.data, name, ...(parsed.data.standby && { replication: { role: "source", serverId: 1 } }) };
}
