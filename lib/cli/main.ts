import { ConfigurationError } from "../../constructs/core/errors";
import { similar } from "../environment/similar";
import { ROOT } from "../operations/workspace";
import { OperatorError } from "../operator-error";
import type { Command } from "./command";
import { commandNames, loadCommand } from "./commands";
import { overview } from "./help";
import { callersDirectory, refuseSwallowedOptions } from "./npm";
import { handleOutputErrors } from "./output";
import { parseArguments } from "./parser";

/** Options that stand before the command and take a value; the word after them is not the command. */
const TAKES_VALUE = /^--environments$/;

async function main(words: readonly string[]): Promise<number> {
  const names = commandNames();
  const at = words.findIndex((word, index) => !word.startsWith("-") && !TAKES_VALUE.test(words[index - 1] ?? ""));
  const name = words[at];
  const args = words.filter((_, index) => index !== at);
  if (name === undefined) return withoutCommand(words);
  if (!names.includes(name)) throw unknown(name, names);
  const command: Command = loadCommand(name);
  refuseSwallowedOptions(name, command, args);
  const given = parseArguments(name, command, args, callersDirectory(ROOT));
  return given === undefined ? 0 : command.run(given);
}

function withoutCommand(words: readonly string[]): number {
  process.stdout.write(overview());
  return words.some((word) => word === "--help" || word === "-h") ? 0 : 1;
}

function unknown(name: string, names: readonly string[]): OperatorError {
  const meant = similar(name, names);
  return new OperatorError(`there is no command "${name}"${meant === undefined ? "" : `; did you mean ${meant}?`}`, "npm run help");
}

handleOutputErrors();
main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const known = error instanceof ConfigurationError || error instanceof OperatorError;
    process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  },
);
