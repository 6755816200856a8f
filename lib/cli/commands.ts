import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "./command";

const DIRECTORY = join(__dirname, "..", "commands");

/** Names of all commands: the files of `lib/commands/`. */
export function commandNames(): string[] {
  return readdirSync(DIRECTORY)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.slice(0, -".ts".length))
    .sort();
}

/** Loads one command; only what it needs itself is loaded with it. */
export function loadCommand(name: string): Command {
  return (require(join(DIRECTORY, `${name}.ts`)) as { command: Command }).command;
}

/** Loads every command. */
export function allCommands(): ReadonlyMap<string, Command> {
  return new Map(commandNames().map((name) => [name, loadCommand(name)]));
}
