import { tmpdir } from "node:os";
import { join } from "node:path";
import { Testing } from "cdktf";
import type { Environment } from "../../lib/environment/schema";
import { buildApplication } from "../../lib/stack/application";
import type { WikiStack } from "../../lib/stack/wiki-stack";

/**
 * The stack of an environment, checked as `npm start` checks it: by its constructs and by the policy.
 *
 * @throws ConfigurationError when one of them refuses it.
 */
export function checkedStack(environment: Environment): WikiStack {
  const { stacks } = buildApplication([environment], { outdir: join(tmpdir(), "cdktf.outdir.tests") });
  return stacks[0] as WikiStack;
}

/** The Terraform JSON of an environment. */
export function planOf(environment: Environment): string {
  return Testing.synth(checkedStack(environment), false);
}
