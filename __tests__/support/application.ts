import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { Testing } from "cdktf";
import type { Environment } from "../../lib/environment/schema";
import { buildApplication } from "../../lib/stack/application";
import { WikiStack } from "../../lib/stack/wiki-stack";
import { accessTo, read, testApp } from "./plan";

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

/** Text of an environment → its plan. One for all test files of a worker, which have the same sources. */
const shared = globalThis as { plans?: Map<string, string> };

const WHOLE = { depth: Number.POSITIVE_INFINITY, maxArrayLength: null, maxStringLength: null };

/** The plan of an environment, made once for equal ones. */
export function planned(environment: Environment) {
  shared.plans ??= new Map();
  // with the run's own directory: where a worker outlives a run, the sources may have changed
  const key = `${tmpdir()} ${inspect(environment, WHOLE)}`;
  const json = shared.plans.get(key) ?? rendered(environment);
  shared.plans.set(key, json);
  return accessTo(json);
}

function rendered(environment: Environment): string {
  const stack = new WikiStack(testApp(), environment);
  stack.node.lock();
  return read(stack).json;
}
