import { TerraformVariable } from "cdktf";
import type { Construct } from "constructs";
import type { Secret } from "./secret";

/**
 * An ephemeral variable of Terraform (1.10 or later) with the name of `secret`, which somebody else gives out: its value is in no plan and
 * in no state. Empty unless set.
 */
export function secretVariable(scope: Construct, { name }: Secret): TerraformVariable {
  const variable = new TerraformVariable(scope, name, {
    type: "string",
    default: "",
    nullable: false,
    sensitive: true,
    description: `Secret ${name}; empty leaves the one that was brought before`,
  });
  variable.overrideLogicalId(name);
  // the framework does not know it yet
  variable.addOverride("ephemeral", true);
  return variable;
}

/** What the script that brings `secret` is told of it, in its environment. */
export function bringing(secret: Secret, variable: TerraformVariable): Readonly<Record<string, string>> {
  const lines: Record<string, string> = secret.isFile ? { SECRET_LINES: "several" } : {};
  return { SECRET_NAME: secret.name, SECRET_VALUE: variable.stringValue, ...lines };
}
