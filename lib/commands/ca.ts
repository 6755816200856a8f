import type { Arguments, Command } from "../cli/command";
import { loadEnvironment } from "../environment/load";
import { operatorFile } from "../operations/operator-files";
import { OperatorError } from "../operator-error";

export const command: Command = {
  group: "run",
  summary: "print the certificate of the environment's own certificate authority, as PEM",
  run,
};

function run({ environment, directory }: Arguments): number {
  const loaded = loadEnvironment(environment, directory);
  if (loaded.tls.issuer !== "local") throw new OperatorError(`${environment} has no authority of its own: browsers know that of Let's Encrypt`, "none needed");
  process.stdout.write(`${operatorFile(loaded, "edge_ca.crt")}\n`);
  return 0;
}
