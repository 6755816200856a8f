import { type IAspect, TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import { checkPolicy } from "./check";

/** Stacks that are checked already: an aspect is called for each construct, and may be added twice. */
const checked = new WeakSet<TerraformStack>();

/**
 * Checks every rule when a stack is synthesized: `Aspects.of(stack).add(new Policy())`. Add it to each stack: CDK for Terraform ignores
 * the aspects of an app.
 *
 * It fails the synthesis with one line for each broken rule: path of the construct, rule, value and remedy. It changes nothing. The rules
 * are checked after all aspects, so that changes by other aspects are seen.
 */
export class Policy implements IAspect {
  public visit(node: IConstruct): void {
    const stack = TerraformStack.of(node);
    if (checked.has(stack)) return;
    checked.add(stack);
    stack.node.addValidation({ validate: () => checkPolicy(stack) });
  }
}
