import { Container } from "@cdktf/provider-docker/lib/container";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import { Resource } from "@cdktf/provider-null/lib/resource";
import { AssetType, Fn, TerraformAsset } from "cdktf";
import { Construct } from "constructs";
import { assetPath } from "../core/asset";
import { ConfigFile } from "../core/config-file";
import { resourceAddress } from "../core/dependencies";
import { configContainer } from "../docker/config-container";
import type { ContainerImage } from "../docker/image";
import { Job } from "../docker/job";
import { LABEL, labelBlocks } from "../docker/labels";
import type { SwarmSecret } from "../docker/mount";

export interface RaftSecretsProps {
  readonly namespace: string;
  readonly service: string;
  readonly image: ContainerImage;
  /** Socket of the engine that is a manager, and that has the volumes with the secrets. */
  readonly endpoint: string;
  /** Volume with the secrets of the service, and the job that fills it. */
  readonly volume: Volume;
  readonly job: Job;
  /** Names of the files in it. */
  readonly files: readonly string[];
  /** A higher number compares the values again. */
  readonly version: number;
}

const HOST = "docker --host '${self.triggers.endpoint}'";
const REMOVE = `${HOST} secret ls --quiet --filter 'label=\${self.triggers.label}' | xargs --no-run-if-empty ${HOST} secret rm >/dev/null 2>&1 || true`;

/**
 * Copies the secrets of one service into the Raft log of a cluster's managers, where they are encrypted.
 *
 * A script on the manager does it, because the provider's own resource for a secret keeps the value in the state. Terraform reads the ids, which are no
 * secret, from the output of a job; another value is another secret with another id, and the service is updated replica by replica.
 */
export class RaftSecrets extends Construct {
  /** Copies the values again when it is replaced. */
  public readonly copied: Resource;
  private readonly reader: Job;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RaftSecretsProps,
  ) {
    super(scope, id);
    const { namespace, service, image, volume, job } = props;
    const name = `raft-${service}`;
    const ids = new Volume(this, "Ids", { name: `${namespace}-${name}`, labels: labelBlocks({ [LABEL.namespace]: namespace, [LABEL.kind]: "config" }) });
    const container = new Container(this, "Carrier", {
      ...configContainer(image),
      name: `${namespace}-${name}-carrier`,
      mounts: [
        { type: "volume", source: volume.name, target: "/secrets", readOnly: true },
        { type: "volume", source: ids.name, target: "/ids", readOnly: false },
      ],
      labels: labelBlocks({ [LABEL.namespace]: namespace, [LABEL.kind]: "carrier" }),
      dependsOn: [job.container],
    });
    this.copied = this.copyOf(container);
    this.reader = this.readerOf(ids, this.copied);
    // the ids are read again after each copy
    this.reader.container.addOverride("lifecycle.replace_triggered_by", [resourceAddress(this.copied)]);
  }

  /** The secrets as a service refers to them. */
  public secrets(): SwarmSecret[] {
    const logs = this.reader.container.containerLogs;
    return this.props.files.map((file) => {
      const found = (part: number) => Fn.lookupNested(Fn.regex(`;${file.replaceAll(".", "\\\\.")}=([a-z0-9]+):([A-Za-z0-9_.-]+);`, logs), [part]);
      return { secretId: found(0), secretName: found(1), file, dependsOn: [this.reader.container] };
    });
  }

  /** Runs the script when a secret may have another value. */
  private copyOf(container: Container): Resource {
    const { namespace, service, endpoint, job, files, version } = this.props;
    const script = new TerraformAsset(this, "Script", { path: assetPath("docker/assets/cluster.sh"), type: AssetType.FILE });
    const label = `${LABEL.namespace}=${namespace}`;
    const target = { DOCKER_HOST: endpoint, CONTAINER: container.name, FILES: files.join(" "), PREFIX: `${namespace}-${service}`, LABEL: label };
    return new Resource(this, "Copy", {
      triggers: {
        ...{ endpoint, label, container: container.id, job: job.container.id },
        ...{ files: files.join(" "), version: `${version}`, script: script.assetHash },
      },
      provisioners: [
        { type: "local-exec", command: `sh '${script.path}' secrets`, environment: target },
        // those of before and, with the environment, all; one that is in use stays
        { type: "local-exec", when: "destroy", command: REMOVE },
      ],
    });
  }

  /** A job whose output is the ids. */
  private readerOf(ids: Volume, copied: Resource): Job {
    const { namespace, service, image } = this.props;
    return new Job(this, "Read", {
      namespace,
      name: `raft-${service}`,
      description: { purpose: ["shows the ids of secrets"], zones: [] },
      image,
      user: "65534:65534",
      network: "none",
      memoryMiB: 16,
      entrypoint: ["sh", "/etc/job/ids.sh"],
      config: { directory: "/etc/job", files: [ConfigFile.text("ids.sh", () => "#!/bin/sh\n# what Terraform reads; nothing in it is secret\ncat /ids/ids\n")] },
      mounts: [{ mount: { type: "volume", source: ids.name, target: "/ids", readOnly: true }, dependsOn: [copied] }],
    });
  }
}
