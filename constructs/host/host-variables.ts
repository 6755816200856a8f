import { AssetType, TerraformAsset, type TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { assetPath } from "../core/asset";
import { BroughtSecrets } from "../secrets/brought-secrets";
import type { Secret } from "../secrets/secret";
import { type HostConnection, knownHosts } from "./connection";

export interface HostVariablesProps {
  /** Environment whose secrets they are. */
  readonly namespace: string;
  /** @default - Terraform runs on the host itself */
  readonly connection?: HostConnection;
  /** A higher number uploads the variables again. */
  readonly version: number;
  /** Resources that must exist before the upload. */
  readonly after: TerraformResource;
}

/**
 * Provided secrets as ephemeral Terraform variables, for a host that stores secrets itself.
 *
 * A script passes each from its environment to the tool that encrypts it, which it uploads, too. Without a value it does nothing.
 */
export class HostVariables extends Construct {
  private readonly brought: BroughtSecrets;

  constructor(scope: Construct, id: string, { namespace, connection, version, after }: HostVariablesProps) {
    super(scope, id);
    const asset = (name: string, path: string) => new TerraformAsset(this, name, { path: assetPath(path), type: AssetType.FILE }).path;
    this.brought = new BroughtSecrets(this, {
      command: `sh '${asset("Script", "host/assets/bring.sh")}' ${namespace} '${asset("Tool", "host/assets/secrets.sh")}'`,
      environment: connection ? sshVariables(connection) : {},
      triggers: { version: `${version}`, host: connection ? `${connection.address}:${connection.port}` : "this machine" },
      after: [after],
    });
  }

  /** Lets `secret` come as the variable of its name; what the store has to wait for. */
  public bring(secret: Secret): TerraformResource {
    return this.brought.bring(secret);
  }
}

function sshVariables(connection: HostConnection): Record<string, string> {
  const { address, port, user, keyFile } = connection;
  return { HOST: address, PORT: `${port}`, LOGIN: user, KNOWN_HOSTS: knownHosts(connection), ...(keyFile === undefined ? {} : { KEY_FILE: keyFile }) };
}
