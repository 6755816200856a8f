import { AssetType, TerraformAsset, type TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { assetPath } from "../core/asset";
import type { Secret } from "../secrets/secret";
import { SecretUpload } from "../secrets/secret-upload";
import { type HostConnection, knownHosts } from "./connection";

export interface HostSecretVariablesProps {
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
export class HostSecretVariables extends Construct {
  private readonly uploads: SecretUpload;

  constructor(scope: Construct, id: string, { namespace, connection, version, after }: HostSecretVariablesProps) {
    super(scope, id);
    const asset = (name: string, path: string) => new TerraformAsset(this, name, { path: assetPath(path), type: AssetType.FILE }).path;
    this.uploads = new SecretUpload(this, {
      command: `sh '${asset("Script", "secrets/assets/upload-secret.sh")}' host ${namespace} '${asset("Tool", "host/assets/secrets.sh")}'`,
      environment: connection ? sshVariables(connection) : {},
      triggers: { version: `${version}`, host: connection ? `${connection.address}:${connection.port}` : "this machine" },
      after: [after],
    });
  }

  /** Lets `secret` come as the variable of its name; what the store has to wait for. */
  public upload(secret: Secret): TerraformResource {
    return this.uploads.upload(secret);
  }
}

function sshVariables(connection: HostConnection): Record<string, string> {
  const { address, port, user, keyFile } = connection;
  return { HOST: address, PORT: `${port}`, LOGIN: user, KNOWN_HOSTS: knownHosts(connection), ...(keyFile === undefined ? {} : { KEY_FILE: keyFile }) };
}
