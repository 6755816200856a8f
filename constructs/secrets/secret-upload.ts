import { Resource } from "@cdktf/provider-null/lib/resource";
import { type TerraformResource, TerraformVariable } from "cdktf";
import type { Construct } from "constructs";
import type { Secret } from "./secret";

export interface SecretUploadProps {
  /** What runs the script, on the machine that runs Terraform. */
  readonly command: string;
  /** Environment of the script: the target of the upload. */
  readonly environment: Readonly<Record<string, string>>;
  /** What has it run again when it changes. */
  readonly triggers: Readonly<Record<string, string>>;
  /** What has to be there before. @default - nothing */
  readonly after?: readonly TerraformResource[];
}

/**
 * Provided secrets, each an ephemeral Terraform variable (1.10 or later) with its name: its value is in no plan and in
 * no state, and is empty by default. A script uploads it from its environment to the secret store.
 */
export class SecretUpload {
  private readonly resources = new Map<string, Resource>();

  constructor(
    private readonly scope: Construct,
    private readonly props: SecretUploadProps,
  ) {}

  /** Lets `secret` come as the variable of its name; what the store has to wait for. */
  public upload(secret: Secret): Resource {
    const known = this.resources.get(secret.name);
    if (known) return known;
    const { command, environment, triggers, after } = this.props;
    const variables = { SECRET_NAME: secret.name, SECRET_VALUE: this.variable(secret).stringValue, ...(secret.isFile ? { SECRET_LINES: "several" } : {}) };
    const made = new Resource(this.scope, `Bring-${secret.name}`, {
      triggers,
      provisioners: [{ type: "local-exec", command, environment: { ...environment, ...variables } }],
      dependsOn: after && [...after],
    });
    this.resources.set(secret.name, made);
    return made;
  }

  private variable({ name }: Secret): TerraformVariable {
    const variable = new TerraformVariable(this.scope, name, {
      type: "string",
      default: "",
      nullable: false,
      sensitive: true,
      description: `Secret ${name}; empty keeps the stored one`,
    });
    variable.overrideLogicalId(name);
    // the framework does not know it yet
    variable.addOverride("ephemeral", true);
    return variable;
  }
}
