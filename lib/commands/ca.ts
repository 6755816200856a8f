import type { Arguments, Command } from "../cli/command";
import { loadEnvironment } from "../environment/load";
import { authorityFile, operatorFile } from "../operations/operator-files";
import { OperatorError } from "../operator-error";

export const command: Command = {
  group: "run",
  summary: "print the certificate of the environment's own certificate authority, as PEM",
  run,
};

function run({ environment, directory }: Arguments): number {
  const loaded = loadEnvironment(environment, directory);
  const file = authorityFile(loaded);
  if (file === undefined) {
    const whose = loaded.tls.issuer === "letsencrypt" ? "that of Let's Encrypt" : "that of its certificate";
    throw new OperatorError(`${environment} has no authority of its own: browsers know ${whose}`, "none needed");
  }
  process.stdout.write(`${operatorFile(loaded, file)}\n`);
  return 0;
}
