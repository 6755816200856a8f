import { Container } from "@cdktf/provider-docker/lib/container";
import type { Volume } from "@cdktf/provider-docker/lib/volume";
import { AssetType, TerraformAsset, type TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { assetPath } from "../core/asset";
import { configContainer } from "../docker/config-container";
import type { ContainerImage } from "../docker/image";
import { LABEL, labelBlocks } from "../docker/labels";
import type { Secret } from "./secret";
import { SecretUpload } from "./secret-upload";

/** How the machine that runs Terraform reaches the engine. */
export interface Engine {
  /** `unix://…`, `ssh://…` or `tcp://…`. */
  readonly endpoint: string;
  /** Words for ssh, none of which has a space in it. @default - none */
  readonly sshOptions?: readonly string[];
  /** Directory with `ca.pem`, `cert.pem` and `key.pem`, or each of the three as PEM. */
  readonly certificates?: string | { readonly ca: string; readonly cert: string; readonly key: string };
}

export interface VolumeSecretVariablesProps {
  readonly namespace: string;
  /** Any image: the container with the volume never runs. */
  readonly image: ContainerImage;
  readonly engine: Engine;
  /** A higher number uploads the variables again. */
  readonly version: number;
  /** Volume of the store, and where it is mounted. */
  readonly store: Volume;
  readonly directory: string;
}

/**
 * Provided secrets as ephemeral Terraform variables (1.10 or later): they are in no plan and in no state.
 *
 * A script uploads each from its environment into the store, through a config container. Without a value it does nothing.
 */
export class VolumeSecretVariables extends Construct {
  private readonly uploads: SecretUpload;

  constructor(scope: Construct, id: string, { namespace, image, engine, version, store, directory }: VolumeSecretVariablesProps) {
    super(scope, id);
    const script = new TerraformAsset(this, "Script", { path: assetPath("secrets/assets/upload-secret.sh"), type: AssetType.FILE });
    const name = `${namespace}-secrets-provided`;
    const container = new Container(this, "Carrier", {
      ...configContainer(image),
      name,
      mounts: [{ type: "volume", source: store.name, target: directory, readOnly: false }],
      labels: labelBlocks({ [LABEL.namespace]: namespace, [LABEL.kind]: "carrier" }),
    });
    this.uploads = new SecretUpload(this, {
      command: `sh '${script.path}' volume`,
      environment: { ...engineVariables(engine), CONTAINER: name, DIRECTORY: directory },
      triggers: { version: `${version}`, container: container.id },
    });
  }

  /** Lets `secret` come as the variable of its name; what the store has to wait for. */
  public upload(secret: Secret): TerraformResource {
    return this.uploads.upload(secret);
  }
}

function engineVariables({ endpoint, sshOptions = [], certificates }: Engine): Record<string, string> {
  const ssh: Record<string, string> = sshOptions.length === 0 ? {} : { SSH_OPTIONS: sshOptions.join(" ") };
  if (certificates === undefined) return { ENDPOINT: endpoint, ...ssh };
  if (typeof certificates === "string") return { ENDPOINT: endpoint, CERTIFICATE_DIRECTORY: certificates };
  return { ENDPOINT: endpoint, CA: certificates.ca, CERTIFICATE: certificates.cert, KEY: certificates.key };
}
