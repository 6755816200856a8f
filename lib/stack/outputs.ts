import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";

/** Shows the addresses after an apply, also with `cdktf output`; no output is a secret. */
export function addOutputs(stack: Construct, urls: Readonly<Record<string, string>>): void {
  for (const [name, url] of Object.entries(urls)) {
    const output = new TerraformOutput(stack, `${name}_url`, { value: url, description: `Address of ${name}` });
    output.overrideLogicalId(`${name}_url`);
  }
}
