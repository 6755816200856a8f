import { readArguments } from "./arguments";
import { requireTools } from "./tools";
import { synthesize } from "./workspace";

/** Terraform's exit code for a plan that would change something. */
const CHANGES = 2;

/** `npm run plan -- <environment>`: shows what a deploy would change, and changes nothing. */
export function run(args: readonly string[]): number {
  const words = readArguments(args, {
    usage: "npm run plan -- <environment> [--detailed-exitcode]",
    options: { "detailed-exitcode": "flag" },
  });
  const { terraform } = requireTools(synthesize(words));
  terraform.init();
  const code = terraform.plan([]);
  return code === CHANGES && !words.flags.has("detailed-exitcode") ? 0 : code;
}
