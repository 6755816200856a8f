import type { Arguments, Command } from "../cli/command";
import { loadEnvironment } from "../environment/load";
import { authorityText } from "../operations/operator-files";
import { OperatorError } from "../operator-error";

export const command: Command = {
  group: "run",
  summary: "print the certificate of the environment's own certificate authority, as PEM",
  run,
};

function run({ environment, directory }: Arguments): number {
  const loaded = loadEnvironment(environment, directory);
  const text = authorityText(loaded);
  if (text === undefined) {
    const whose = loaded.tls.issuer === "letsencrypt" ? "that of Let's Encrypt" : "that of its certificate";
    throw new OperatorError(`${environment} has no own certificate authority: browsers trust ${whose}`, "none needed");
  }
  process.stdout.write(`${text.trim()}\n`);
  return 0;
}
