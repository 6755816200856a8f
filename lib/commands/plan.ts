import type { Arguments, Command } from "../cli/command";
import { requireTools } from "../operations/tools";
import { synthesize } from "../operations/workspace";

/** Terraform's exit code for a plan that would change something. */
const CHANGES = 2;

export const command: Command = {
  group: "run",
  summary: "show what a deploy would change",
  options: { "detailed-exitcode": { description: "exit code 2 when anything would change" } },
  run,
};

function run(words: Arguments): number {
  const { terraform } = requireTools(synthesize(words));
  terraform.init();
  const code = terraform.plan([]);
  return code === CHANGES && !words.flags.has("detailed-exitcode") ? 0 : code;
}
