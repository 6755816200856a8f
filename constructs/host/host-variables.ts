import { Resource } from "@cdktf/provider-null/lib/resource";
import { AssetType, TerraformAsset, type TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { assetPath } from "../core/asset";
import type { Secret } from "../secrets/secret";
import { bringing, secretVariable } from "../secrets/secret-variable";
import type { HostConnection } from "./connection";

export interface HostVariablesProps {
  /** Environment whose secrets they are. */
  readonly namespace: string;
  /** @default - Terraform runs on the host itself */
  readonly connection?: HostConnection;
  /** Another number brings the variables again. */
  readonly version: number;
  /** What has to be there before anything is brought. */
  readonly after: TerraformResource;
}

/**
 * Secrets that somebody else gives out, as ephemeral variables of Terraform, for a host that keeps secrets itself.
 *
 * A script hands each from its environment to the tool that encrypts it, which it brings along. Without a value it does nothing.
 */
export class HostVariables extends Construct {
  private readonly script: TerraformAsset;
  private readonly tool: TerraformAsset;
  private readonly brought = new Map<string, Resource>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: HostVariablesProps,
  ) {
    super(scope, id);
    const asset = (name: string, path: string) => new TerraformAsset(this, name, { path: assetPath(path), type: AssetType.FILE });
    this.script = asset("Script", "host/bring.sh");
    this.tool = asset("Tool", "host/secrets.sh");
  }

  /** Lets `secret` come as the variable of its name; what the store has to wait for. */
  public bring(secret: Secret): Resource {
    const { name } = secret;
    const known = this.brought.get(name);
    if (known) return known;
    const { namespace, connection, version, after } = this.props;
    const made = new Resource(this, `Bring-${name}`, {
      triggers: { version: `${version}`, host: connection ? `${connection.address}:${connection.port}` : "this machine" },
      provisioners: [
        {
          type: "local-exec",
          command: `sh '${this.script.path}' ${namespace} '${this.tool.path}'`,
          environment: { ...(connection ? sshVariables(connection) : {}), ...bringing(secret, secretVariable(this, secret)) },
        },
      ],
      dependsOn: [after],
    });
    this.brought.set(name, made);
    return made;
  }
}

function sshVariables({ address, port, user, hostKeys, keyFile }: HostConnection): Record<string, string> {
  const known = hostKeys.map((key) => `[${address}]:${port} ${key}\n${address} ${key}`).join("\n");
  return { HOST: address, PORT: `${port}`, LOGIN: user, KNOWN_HOSTS: known, ...(keyFile === undefined ? {} : { KEY_FILE: keyFile }) };
}
