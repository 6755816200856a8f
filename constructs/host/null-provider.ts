import { NullProvider } from "@cdktf/provider-null/lib/provider";
import type { TerraformStack } from "cdktf";

const ID = "Null";

/** The provider of resources that only run something; one for the whole stack, for whoever asks first. */
export function nullProvider(stack: TerraformStack): void {
  if (stack.node.tryFindChild(ID) === undefined) new NullProvider(stack, ID);
}
