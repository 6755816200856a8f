import { Container } from "@cdktf/provider-docker/lib/container";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import { Lazy, TerraformIterator } from "cdktf";
import { Construct } from "constructs";
import { type ConfigFile, contentHash } from "../core/config-file";
import { resourceAddress } from "../core/dependencies";
import { requireAll } from "../core/errors";
import { terraformLiteral } from "../core/terraform-literal";
import { configContainer } from "./config-container";
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

const UPLOAD_DIRECTORY = "/config";

/**
 * The configuration files of one service, in a volume whose name carries the hash of what it holds.
 *
 * Docker refuses to copy files into a container with a read-only root. A config container, created and never started, uploads them into
 * the volume instead; the service mounts the volume read-only. Volume and config container are instances keyed by that hash: other files are
 * other instances, which can be complete (see {@link addresses}) before the service that is to use them is touched.
 */
export class ConfigVolume extends Construct {
  private readonly name: string;
  private readonly volume: Volume;
  private readonly container: Container;
  private readonly files: readonly ConfigFile[];
  private known: string | undefined;

  constructor(scope: Construct, id: string, props: ConfigVolumeProps) {
    super(scope, id);
    const { namespace, image } = props;
    const paths = props.files.map(({ path }) => path);
    requireAll(this, [
      [paths.length > 0, `files of "${props.name}" must name at least one file`],
      [new Set(paths).size === paths.length, `files of "${props.name}" must each have a unique path, got ${paths.join(", ")}`],
    ]);
    this.files = props.files;
    this.name = Lazy.stringValue({ produce: () => `${namespace}-${props.name}-config-${this.hash()}` });
    // quoted here: the framework takes a lazy value for an expression and writes it as it is
    const forEach = TerraformIterator.fromList([Lazy.stringValue({ produce: () => JSON.stringify(this.hash()) })]);
    const labels = { [LABEL.namespace]: namespace };
    this.volume = new Volume(this, "Volume", { forEach, name: this.name, labels: labelBlocks({ ...labels, [LABEL.kind]: "config" }) });
    this.container = new Container(this, "Carrier", {
      ...configContainer(image),
      forEach,
      name: this.name,
      volumes: [{ volumeName: this.name, containerPath: UPLOAD_DIRECTORY }],
      upload: props.files.map((file) => ({
        file: `${UPLOAD_DIRECTORY}/${file.path}`,
        content: Lazy.stringValue({ produce: () => terraformLiteral(file.text()) }),
        permissions: "0444",
      })),
      labels: labelBlocks({ ...labels, [LABEL.kind]: "carrier" }),
      dependsOn: [this.volume],
    });
  }

  /** Changes exactly when a file does; in a tree that is locked no file does. */
  public hash(): string {
    if (!this.node.locked) return contentHash(this.files);
    this.known ??= contentHash(this.files);
    return this.known;
  }

  /**
   * Terraform addresses of the volume and the config container with these files: as targets, they are uploaded to the Docker host and nothing
   * stops. Both are named, or Terraform would take the volume with the former files away while its service still runs.
   */
  public addresses(): string[] {
    return [this.volume, this.container].map((resource) => `${resourceAddress(resource)}["${this.hash()}"]`);
  }

  /** What a container needs to read the files at `directory`. */
  public mountAt(directory: string): Mounted {
    return {
      mount: { type: "volume", source: this.name, target: directory, readOnly: true },
      dependsOn: [this.container],
      swarm: { files: { directory, files: this.files } },
    };
  }
}
