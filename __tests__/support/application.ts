import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { Testing } from "cdktf";
import type { Environment } from "../../lib/environment/schema";
import { buildApplication } from "../../lib/stack/application";
import { WikiStack } from "../../lib/stack/wiki-stack";
import { accessTo, read, testApp } from "./plan";
import { shared } from "./shared";

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

const WHOLE = { depth: Number.POSITIVE_INFINITY, maxArrayLength: null, maxStringLength: null };

/** The plan of an environment, made once for equal ones. */
export function planned(environment: Environment) {
  return accessTo(shared(`plan of ${inspect(environment, WHOLE)}`, () => rendered(environment)));
}

function rendered(environment: Environment): string {
  const stack = new WikiStack(testApp(), environment);
  stack.node.lock();
  return read(stack).json;
}
