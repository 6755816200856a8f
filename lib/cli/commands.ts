import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { Command } from "./command";

/** Folders in which every file is a command; the second holds those for developers, which a package leaves out. */
const DIRECTORIES = [join(__dirname, "commands"), join(__dirname, "..", "..", "tools", "commands")];

/** Files of all commands, by name. */
const FILES = new Map(
  DIRECTORIES.filter(existsSync)
    .flatMap((directory) => readdirSync(directory).map((file) => join(directory, file)))
    .filter((path) => path.endsWith(".ts"))
    .map((path): [string, string] => [basename(path, ".ts"), path])
    .sort(([first], [other]) => (first < other ? -1 : 1)),
);

/** Names of all commands. */
export function commandNames(): string[] {
  return [...FILES.keys()];
}

/** Loads one command; only what it needs itself is loaded with it. */
export function loadCommand(name: string): Command {
  const path = FILES.get(name);
  if (path === undefined) throw new Error(`there is no command ${name}`);
  return (require(path) as { command: Command }).command;
}

/** Loads every command. */
export function allCommands(): ReadonlyMap<string, Command> {
  return new Map(commandNames().map((name) => [name, loadCommand(name)]));
}
