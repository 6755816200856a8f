import { resolve } from "node:path";
import { CommanderError, Command as Parser } from "commander";
import { OperatorError } from "../system/operator-error";
import { type Arguments, type Command, type Option, usageOf } from "./command";

/** Options of every command that reads an environment. */
const SHARED: Readonly<Record<string, Option>> = {
  environments: { description: "directory of the environment files, when it is not environments/", value: "directory" },
};

/** Options of a command, those of every command included. */
export function optionsOf({ options = {}, environment }: Command): Readonly<Record<string, Option>> {
  return environment === "none" && Object.keys(options).length === 0 ? {} : { ...options, ...SHARED };
}

/**
 * Reads the arguments of one command, in any order.
 *
 * @returns Nothing when help was asked for, which has been printed then.
 * @throws OperatorError when an argument is missing, unknown or one too many.
 */
export function parseArguments(name: string, command: Command, args: readonly string[], base = process.cwd()): Arguments | undefined {
  if (command.passesOn !== undefined && !args.some((arg) => arg === "--help" || arg === "-h")) return passedOn(args);
  const parser = parserOf(name, command);
  try {
    parser.parse([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new OperatorError(sentence(error.message), usageOf(name, command));
  }
  return argumentsOf(name, command, parser, base);
}

/** The parser of one command, which prints its help, too. */
export function parserOf(name: string, command: Command): Parser {
  const { environment = "required", positionals = [] } = command;
  const parser = new Parser(name)
    .summary(command.summary)
    .description([command.summary, ...(command.details === undefined ? [] : ["", command.details])].join("\n"))
    .helpOption("-h, --help", "show this help")
    .configureHelp({ helpWidth: 100, showGlobalOptions: true })
    .configureOutput({ writeErr: () => undefined, outputError: () => undefined })
    .allowExcessArguments(true)
    .exitOverride();
  if (environment !== "none")
    parser.argument("[environment]", environment === "local" ? 'name of the environment, "local" unless given' : "name of the environment");
  for (const { name: placeholder } of positionals) parser.argument(`[${placeholder}]`);
  for (const [option, { description, value }] of Object.entries(optionsOf(command))) {
    parser.option(value === undefined ? `--${option}` : `--${option} <${value}>`, description);
  }
  return parser.usage(usageOf(name, command).replace(/^npm (run )?\S+( --)? ?/, "")).addHelpText("after", `\nWith npm: ${usageOf(name, command)}`);
}

function argumentsOf(name: string, command: Command, parser: Parser, base: string): Arguments {
  const { environment: kind = "required", positionals = [] } = command;
  const args = [...parser.args];
  const environment = kind === "none" ? "" : (args.shift() ?? (kind === "local" ? "local" : undefined));
  const usage = usageOf(name, command);
  if (environment === undefined) throw new OperatorError("which environment?", usage);
  const found = new Map<string, string>();
  for (const { name: placeholder, optional } of positionals) {
    const arg = args.shift();
    if (arg !== undefined) found.set(placeholder, arg);
    else if (!optional) throw new OperatorError(`which ${placeholder}?`, usage);
  }
  if (args.length > 0) throw new OperatorError(excess(command, args), usage);
  const given = parser.opts<Record<string, string | boolean>>();
  const options = Object.keys(optionsOf(command)).map((option) => [option, given[camelCase(option)]] as const);
  const directory = given.environments;
  return {
    environment,
    directory: typeof directory === "string" ? resolve(base, directory) : undefined,
    positionals: found,
    flags: new Set(options.filter(([, value]) => value === true).map(([option]) => option)),
    values: new Map(options.filter((entry): entry is [string, string] => typeof entry[1] === "string")),
    rest: [],
  };
}

function excess({ environment, hidesExcess }: Command, args: readonly string[]): string {
  if (hidesExcess) return "too many arguments; a secret is read from standard input, and one that was typed here is in the shell history now: revoke it";
  return `${environment === "none" ? "it is about all environments" : "one environment at a time"}; "${args.join(" ")}" is too much`;
}

function passedOn(rest: readonly string[]): Arguments {
  return { environment: "", directory: undefined, positionals: new Map(), flags: new Set(), values: new Map(), rest };
}

/** The parser's message in the form of ours. */
function sentence(message: string): string {
  return message
    .replace(/^error: /, "")
    .replace(/\n\((.*)\)$/s, "; $1")
    .replace("; Did", "; did");
}

function camelCase(option: string): string {
  return option.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
