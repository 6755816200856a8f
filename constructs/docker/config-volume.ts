import { Container } from "@cdktf/provider-docker/lib/container";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { type ConfigFile, contentHash, terraformLiteral } from "../core/config-file";
import type { ContainerImage } from "./image";
import { LABEL, labelBlocks } from "./labels";
import type { Mounted } from "./mount";

export interface ConfigVolumeProps {
  readonly namespace: string;
  /** Name of the service; the hash of the files is added to it. */
  readonly name: string;
  /** Image of the service itself, so that nothing else is pulled; it is never started here. */
  readonly image: ContainerImage;
  /** At least one file; each path once. */
  readonly files: readonly ConfigFile[];
}

const CARRIER_DIRECTORY = "/config";

/**
 * The configuration files of one service, in a volume whose name carries the hash of what it holds.
 *
 * Docker refuses to copy files into a container with a read-only root. A carrier, created and never started,
 * takes them into the volume instead; the service mounts the volume read-only. A new volume and its carrier are
 * complete before the service is touched, so that files which cannot be delivered leave the old service running.
 */
export class ConfigVolume extends Construct {
  private readonly volume: Volume;
  private readonly carrier: Container;
  private readonly files: readonly ConfigFile[];

  constructor(scope: Construct, id: string, props: ConfigVolumeProps) {
    super(scope, id);
    const { namespace, image } = props;
    this.files = props.files;
    const name = Lazy.stringValue({ produce: () => `${namespace}-${props.name}-config-${this.hash()}` });
    const lifecycle = { createBeforeDestroy: true };
    this.volume = new Volume(this, "Volume", { name, labels: [{ label: LABEL.namespace, value: namespace }], lifecycle });
    this.carrier = new Container(this, "Carrier", {
      name,
      image: image.imageId,
      entrypoint: ["true"],
      user: "65534:65534",
      start: false,
      mustRun: false,
      networkMode: "none",
      restart: "no",
      // both: the engine would add a default of its own, which shows in every plan
      logDriver: "json-file",
      logOpts: { "max-size": "1m", "max-file": "1" },
      volumes: [{ volumeName: this.volume.name, containerPath: CARRIER_DIRECTORY }],
      upload: props.files.map((file) => ({
        file: `${CARRIER_DIRECTORY}/${file.path}`,
        content: Lazy.stringValue({ produce: () => terraformLiteral(file.text()) }),
        permissions: "0444",
      })),
      labels: labelBlocks({ [LABEL.namespace]: namespace, [LABEL.kind]: "carrier" }),
      lifecycle,
    });
  }

  /** Changes exactly when a file does. */
  public hash(): string {
    return contentHash(this.files);
  }

  /** What a container needs to read the files at `directory`. */
  public mountAt(directory: string): Mounted {
    return {
      mount: { type: "volume", source: this.volume.name, target: directory, readOnly: true },
      dependsOn: [this.carrier],
    };
  }
}
