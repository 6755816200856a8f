import type { SpawnSyncReturns } from "node:child_process";
import type { Summary } from "../../lib/operations/summary";
import { Deployment } from "./deployment";

export { docker, healthy, succeeded, until, WORK } from "./deployment";

/** The environment of the first test, with its own names, subnets and ports. */
const WIKI = new Deployment({ name: "e2e", http: 18_081, https: 18_443, subnets: 213 });

export const NAME = WIKI.name;
export const HTTP = WIKI.http;
export const HTTPS = WIKI.https;
export const HOST = "bookstack.wiki.localhost";

export interface Settings {
  readonly uploadLimit?: string;
  readonly slowQuery?: string;
}

/** Writes the environment of the test: `local`, under another name. */
export function writeEnvironment({ uploadLimit = "50M", slowQuery = "1s" }: Settings = {}): void {
  WIKI.write({
    wiki: { admin: { email: "first@wiki.localhost" }, uploadLimit },
    database: { slowQuery },
  });
}

export const command = (name: string, ...args: readonly string[]): SpawnSyncReturns<string> => WIKI.command(name, ...args);
export const commandInBackground = (name: string, ...args: readonly string[]) => WIKI.commandInBackground(name, ...args);
export const summary = (): Summary => WIKI.summary();
export const containerIds = (): Record<string, string> => WIKI.containerIds();
export const onEngine = (): string[] => WIKI.onEngine();
export const clean = (): void => WIKI.clean();
export const stateFile = (): string => WIKI.stateFile();
export const stackDirectory = (): string => WIKI.stackDirectory();
