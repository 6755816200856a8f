import { OperatorError } from "../operator-error";
import { readArguments } from "./arguments";
import { hostStore } from "./secret-store";
import { synthesize } from "./workspace";

const USAGE = "npm run rotate-secret -- <environment> <name>";

/** `npm run rotate-secret -- <environment> <name>`: makes one secret anew, and what is made from it, and restarts the services that read it. */
export function run([environment = "", name = "", ...rest]: readonly string[]): number {
  const words = readArguments(environment === "" ? [] : [environment, ...rest], { usage: USAGE });
  const { environment: loaded, stack } = synthesize(words);
  const known = stack.secrets.describe().map((secret) => secret.name);
  if (!known.includes(name)) throw new OperatorError(name === "" ? "which secret?" : `${loaded.name} has no secret "${name}"`, `one of ${known.join(", ")}`);
  process.stdout.write(hostStore(loaded).rotate(name));
  return 0;
}
