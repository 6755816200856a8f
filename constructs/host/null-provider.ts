import { NullProvider } from "@cdktf/provider-null/lib/provider";
import type { TerraformStack } from "cdktf";

const ID = "Null";

/** The provider of resources that only run commands; created once for the whole stack. */
export function nullProvider(stack: TerraformStack): void {
  if (stack.node.tryFindChild(ID) === undefined) new NullProvider(stack, ID);
}
