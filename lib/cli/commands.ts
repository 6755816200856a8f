import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "./command";

/** Folders in which every file is a command; the second holds those for developers, which a package leaves out. */
const DIRECTORIES = [join(__dirname, "commands"), join(__dirname, "..", "..", "tools", "commands")];

/** Files of all commands, by name. */
function commandFiles(): ReadonlyMap<string, string> {
  const files = DIRECTORIES.filter(existsSync).flatMap((directory) => readdirSync(directory).map((file) => [file, join(directory, file)] as const));
  const commands = files.filter(([file]) => file.endsWith(".ts")).map(([file, path]): [string, string] => [file.slice(0, -".ts".length), path]);
  return new Map(commands.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Names of all commands. */
export function commandNames(): string[] {
  return [...commandFiles().keys()];
}

/** Loads one command; only what it needs itself is loaded with it. */
export function loadCommand(name: string): Command {
  const path = commandFiles().get(name);
  if (path === undefined) throw new Error(`there is no command ${name}`);
  return (require(path) as { command: Command }).command;
}

/** Loads every command. */
export function allCommands(): ReadonlyMap<string, Command> {
  return new Map(commandNames().map((name) => [name, loadCommand(name)]));
}
