import { ConfigurationError } from "../../constructs/core/errors";
import { redact } from "../../constructs/core/secret-kinds";
import { hasCluster } from "../environment/load";
import { similar } from "../environment/problems/similar";
import { nameOfStandby } from "../environment/standby";
import { alone } from "../operations/alone";
import { refuseInterrupted, refuseInterruptedForData } from "../operations/interrupted";
import { requireServing } from "../operations/standby/roles";
import { ROOT } from "../operations/workspace";
import { OperatorError } from "../system/operator-error";
import type { Arguments, Command } from "./command";
import { commandNames, loadCommand } from "./commands";
import { overview } from "./help";
import { callersDirectory, refuseSwallowedOptions } from "./npm";
import { handleOutputErrors } from "./output";
import { parseArguments } from "./parser";

/** Options before the command that take a value; the word after them is not the command. */
const TAKES_VALUE = /^--environments$/;

/** Errors of the file system that are about this machine, not about the program. */
const FILE_REMEDIES: Readonly<Record<string, string>> = {
  EACCES: "run the command as the owner of this path, or in a copy of the repository that you may write",
  EPERM: "run the command as the owner of this path, or in a copy of the repository that you may write",
  EROFS: "run the command in a copy of the repository that you may write",
  ENOSPC: "free some disk space, then run the command again",
  EDQUOT: "free some disk space, then run the command again",
};

async function main(argv: readonly string[]): Promise<number> {
  const names = commandNames();
  const at = argv.findIndex((arg, index) => !arg.startsWith("-") && !TAKES_VALUE.test(argv[index - 1] ?? ""));
  const name = argv[at];
  const args = argv.filter((_, index) => index !== at);
  if (name === undefined) return withoutCommand(argv);
  if (!names.includes(name)) throw unknown(name, names);
  const command: Command = loadCommand(name);
  refuseSwallowedOptions(name, command, args);
  const given = parseArguments(name, command, args, callersDirectory(ROOT));
  return given === undefined ? 0 : runAlone(name, command, given);
}

/** Runs a command; one that changes an environment, beside no other one of the kind. */
function runAlone(name: string, command: Command, args: Arguments): Promise<number> | number {
  const { environment, directory, flags } = args;
  if (!command.following && environment !== "") requireServing(environment, directory, name);
  const changes = typeof command.changes === "function" ? command.changes(flags) : command.changes;
  if (command.oneHost) refuseCluster(name, args);
  if (changes === undefined) return command.run(args);
  // both hosts of a wiki are changed by one command at a time
  return alone(nameOfStandby(environment) ?? environment, name, () => {
    if (changes === "whole") refuseInterrupted(environment);
    if (changes === "data") refuseInterruptedForData(environment);
    return command.run(args);
  });
}

/** Refuses a command that does not know replicas; what is wrong with the file the command says itself. */
function refuseCluster(name: string, { environment, directory }: Arguments): void {
  if (!hasCluster(environment, directory)) return;
  throw new OperatorError(
    `${name} does not know a cluster yet, and ${environment} has one`,
    `npm run plan -- ${environment}   # docs/operations/cluster.md lists what works`,
  );
}

function withoutCommand(args: readonly string[]): number {
  process.stdout.write(overview());
  return args.some((arg) => arg === "--help" || arg === "-h") ? 0 : 1;
}

function unknown(name: string, names: readonly string[]): OperatorError {
  const meant = similar(name, names);
  return new OperatorError(`there is no command "${name}"${meant === undefined ? "" : `; did you mean ${meant}?`}`, "npm run help");
}

/** Runs a command line to its end; says what is wrong with it on standard error. The result is the exit code. */
export async function execute(args: readonly string[]): Promise<number> {
  try {
    return await main(args);
  } catch (error) {
    process.stderr.write(`${redact(explained(error))}\n`);
    return 1;
  }
}

/** What an operator can do something about in a sentence or two; anything else with its stack trace, for a report. */
function explained(error: unknown): string {
  if (error instanceof ConfigurationError || error instanceof OperatorError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { path, code, message } = error as NodeJS.ErrnoException;
  const remedy = FILE_REMEDIES[code ?? ""];
  if (path === undefined || remedy === undefined) return error.stack ?? message;
  return new OperatorError(`${path}: ${message.replace(/^\w+: |, .*$/gs, "")} (${code})`, remedy).message;
}

/** Runs the command line of this process. */
export function start(): void {
  handleOutputErrors();
  void execute(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
