import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { OperatorError } from "../operator-error";

/** An option without (`flag`) or with (`value`) a value. */
export type OptionKind = "flag" | "value";

export interface Arguments {
  /** Name of the environment. */
  readonly environment: string;
  /** Directory of its file, when it is another than `environments/`. */
  readonly directory: string | undefined;
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
}

export interface Usage {
  /** How the command is written, for messages: `npm run deploy -- <environment>`. */
  readonly usage: string;
  readonly options?: Readonly<Record<string, OptionKind>>;
  /** @default - the environment must be named */
  readonly defaultEnvironment?: string;
  /** Whether the command is about all environments, so that none may be named. @default false */
  readonly ofAll?: boolean;
}

/**
 * Reads `<environment> [options]`; every command takes `--environments <directory>` besides its own.
 *
 * @throws OperatorError when there is a word too many, too few, or one that is not known.
 */
export function readArguments(args: readonly string[], { usage, options = {}, defaultEnvironment, ofAll = false }: Usage): Arguments {
  const all: Record<string, OptionKind> = { ...options, environments: "value" };
  const kinds = Object.fromEntries(Object.entries(all).map(([name, kind]) => [name, { type: kind === "flag" ? ("boolean" as const) : ("string" as const) }]));
  const { values, positionals } = parse(args, kinds, usage);
  if (ofAll && positionals.length > 0) throw new OperatorError(`it is about all environments; "${positionals.join(" ")}" is too much`, usage);
  const [environment = ofAll ? "" : defaultEnvironment, ...rest] = positionals;
  if (environment === undefined) throw new OperatorError("which environment?", usage);
  if (rest.length > 0) throw new OperatorError(`one environment at a time; "${rest.join(" ")}" is too much`, usage);
  const entries = Object.entries(values);
  return {
    environment,
    directory: typeof values.environments === "string" ? resolve(values.environments) : undefined,
    flags: new Set(entries.filter(([, value]) => value === true).map(([name]) => name)),
    values: new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string")),
  };
}

function parse(args: readonly string[], options: Record<string, { type: "boolean" | "string" }>, usage: string) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const [sentence = "these words are not understood"] = (error as Error).message.split(". ");
    throw new OperatorError(sentence, usage);
  }
}
