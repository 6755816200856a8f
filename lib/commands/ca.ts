import { loadEnvironment } from "../environment/load";
import { readArguments } from "./arguments";
import { operatorFile } from "./operator-files";

/** `npm run ca -- <environment>`: prints the certificate of the environment's own authority, as PEM. */
export function run(args: readonly string[]): number {
  const { environment, directory } = readArguments(args, { usage: "npm run ca -- <environment>" });
  process.stdout.write(`${operatorFile(loadEnvironment(environment, directory), "edge_ca.crt")}\n`);
  return 0;
}
