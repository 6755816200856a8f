import { kindOf } from "../../operations/rotate/kinds";
import { HostSecrets } from "../../operations/secrets/host-secrets";
import { synthesize } from "../../operations/workspace";
import type { Arguments, Command } from "../command";
import { rotateSecrets, secretNamed } from "./rotate";

export const command: Command = {
  group: "run",
  oneHost: true,
  summary: "former name of rotate; on a hardened host it also replaces secrets that rotate refuses",
  positionals: [{ name: "secret" }],
  changes: "whole",
  run,
};

async function run(args: Arguments): Promise<number> {
  const { environment, stack } = synthesize(args);
  const secrets = stack.secrets.describe();
  const secret = secretNamed(environment, secrets, args.positionals.get("secret") ?? "");
  if (environment.host !== undefined && kindOf(secret).method === undefined) process.stdout.write(new HostSecrets(environment).rotate(secret.name));
  else await rotateSecrets(environment, secrets, [secret]);
  return 0;
}
