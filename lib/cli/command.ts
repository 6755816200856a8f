/** Heading below which a command is listed in the help. */
export const GROUPS = {
  look: "Look (needs Node.js only)",
  run: "Run (needs Docker, and Terraform or OpenTofu)",
  develop: "Develop",
} as const;
export type Group = keyof typeof GROUPS;

/** An argument after the environment. */
export interface Positional {
  /** Placeholder in the usage, such as `set`. */
  readonly name: string;
  /** @default false */
  readonly optional?: boolean;
}

export interface Option {
  /** One line for `--help`. */
  readonly description: string;
  /**
   * Placeholder of its value, such as `directory`.
   * @default - a flag without a value
   */
  readonly value?: string;
}

/** Option of every command that can print JSON. */
export const JSON_OPTION: Option = { description: "print JSON for scripts" };

/** Parsed and validated arguments of a command. */
export interface Arguments {
  /** Name of the environment; empty if the command has no environment. */
  readonly environment: string;
  /** Absolute path of the directory with its file. @default - `environments/` of the repository */
  readonly directory: string | undefined;
  /** Positional arguments after the environment, by name. */
  readonly positionals: ReadonlyMap<string, string>;
  /** Names of the flags that were set. */
  readonly flags: ReadonlySet<string>;
  /** Options with a value, by name. */
  readonly values: ReadonlyMap<string, string>;
  /** Arguments for another program; empty unless the command has `passesOn`. */
  readonly rest: readonly string[];
}

/** What a command changes, and so after which interrupted ones it is refused. */
export type Change = "whole" | "data" | "interrupted";

/** One command: a file of `lib/cli/commands/` or `tools/commands/` that exports it as `command`; the file's name is the command's. */
export interface Command {
  readonly group: Group;
  /** What it does, in one line for the list of commands. */
  readonly summary: string;
  /** More text for `--help`. @default - none */
  readonly details?: string;
  /** Whether the environment is required, defaults to `local`, or is not accepted. @default "required" */
  readonly environment?: "required" | "local" | "none";
  /** Arguments after the environment, in order. @default - none */
  readonly positionals?: readonly Positional[];
  /** Options by name without dashes. @default - only those of every command */
  readonly options?: Readonly<Record<string, Option>>;
  /** Whether excess arguments are left out of messages, because they may be a secret. @default false */
  readonly hidesExcess?: boolean;
  /** Name of the program that gets all arguments unchanged. @default - none */
  readonly passesOn?: string;
  /**
   * Whether it changes an environment: two such commands never run at the same time. `whole` ones are refused when an upgrade, a move or
   * a restore was interrupted, and those for `data`, which a restore replaces, after an upgrade or a move; the others finish it or look
   * themselves.
   * By the options given, if it is a function.
   * @default - it changes nothing
   */
  readonly changes?: Change | ((flags: Arguments["flags"]) => Change | undefined);
  /**
   * Whether it works on the one container of the wiki: it is refused where the wiki runs on several hosts of a cluster.
   * @default false
   */
  readonly oneHost?: boolean;
  /** Whether it can be run for a host that follows another one, and has no wiki. @default false */
  readonly following?: boolean;
  /** Runs the command; the result is the exit code. */
  run(args: Arguments): Promise<number> | number;
}

/** Placeholders of the arguments of a command, in their order. */
export function argumentsOf({ environment = "required", positionals = [] }: Command): string[] {
  return [
    ...(environment === "required" ? ["<environment>"] : environment === "local" ? ["[<environment>]"] : []),
    ...positionals.map(({ name, optional }) => (optional ? `[<${name}>]` : `<${name}>`)),
  ];
}

/** Maximum width of a usage line in columns, without the name of the command. */
const WIDTH = 72;

/** Usage of a command with npm, for messages: `npm run deploy -- <environment> [--yes]`. */
export function usageOf(name: string, command: Command): string {
  const options = Object.entries(command.options ?? {}).map(([option, { value }]) => (value === undefined ? `[--${option}]` : `[--${option} <${value}>]`));
  const all = [...argumentsOf(command), ...options];
  // a longer list of options is in --help
  const args = all.join(" ").length <= WIDTH ? all : [...argumentsOf(command), "[options]"];
  return [`npm ${name === "start" ? name : `run ${name}`}`, ...(args.length > 0 ? ["--", ...args] : [])].join(" ");
}
