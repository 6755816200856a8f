import { loadEnvironment } from "../environment/load";
import { OperatorError } from "../operator-error";
import { readArguments } from "./arguments";
import { operatorFile } from "./operator-files";

/** `npm run ca -- <environment>`: prints the certificate of the environment's own authority, as PEM. */
export function run(args: readonly string[]): number {
  const { environment, directory } = readArguments(args, { usage: "npm run ca -- <environment>" });
  const loaded = loadEnvironment(environment, directory);
  if (loaded.tls.issuer !== "local") throw new OperatorError(`${environment} has no authority of its own: browsers know that of Let's Encrypt`, "none needed");
  process.stdout.write(`${operatorFile(loaded, "edge_ca.crt")}\n`);
  return 0;
}
