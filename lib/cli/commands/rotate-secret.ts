import { hostStore } from "../../operations/secrets/secret-store";
import { synthesize } from "../../operations/workspace";
import { OperatorError } from "../../system/operator-error";
import type { Arguments, Command } from "../command";

export const command: Command = {
  group: "run",
  summary: "replace a secret of a hardened host and restart the services that read it",
  positionals: [{ name: "secret" }],
  run,
};

function run(args: Arguments): number {
  const name = args.positionals.get("secret") ?? "";
  const { environment: loaded, stack } = synthesize(args);
  const known = stack.secrets.describe().map((secret) => secret.name);
  if (!known.includes(name)) throw new OperatorError(`${loaded.name} has no secret "${name}"`, `one of ${known.join(", ")}`);
  process.stdout.write(hostStore(loaded).rotate(name));
  return 0;
}
