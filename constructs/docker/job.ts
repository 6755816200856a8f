import { Container } from "@cdktf/provider-docker/lib/container";
import type { Volume } from "@cdktf/provider-docker/lib/volume";
import { Lazy, type TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { valueHash } from "../core/config-file";
import { addDependencies } from "../core/dependencies";
import { exempt, exemptionFrom } from "../core/exemption";
import type { Attachment } from "./attachment";
import { type ContainerFiles, type ContainerProps, containerParts, networkAttributes } from "./container-parts";
import { LABEL, labelBlocks } from "./labels";
import type { Mounted } from "./mount";

export interface JobProps extends ContainerProps {
  readonly entrypoint: readonly string[];
  /** Configuration files. */
  readonly config: ContainerFiles;
  /** Networks of the job; `"none"` for no network at all. */
  readonly network: readonly Attachment[] | "none";
}

/**
 * A container that runs once and ends, and again when it, its files or its image change.
 *
 * Terraform waits for its end; an exit code other than 0 fails the apply with the job's last lines.
 */
export class Job extends Construct {
  public readonly container: Container;
  private readonly mounts: Mounted["mount"][];
  private readonly filled: Volume[] = [];

  constructor(scope: Construct, id: string, props: JobProps) {
    super(scope, id);
    const { name, network } = props;
    const { mounts, tmpfs, attributes, labels } = containerParts(this, props, props.config);
    this.mounts = mounts;
    this.container = new Container(this, "Container", {
      ...attributes,
      ...networkAttributes(network, name, []),
      entrypoint: [...props.entrypoint],
      restart: "no",
      attach: true,
      logs: true,
      mustRun: false,
      labels: labelBlocks({
        ...labels,
        [LABEL.kind]: "job",
        [LABEL.settings]: valueHash({ tmpfs, limits: [props.memoryMiB, props.cpus] }),
        [LABEL.volumes]: Lazy.stringValue({ produce: () => this.filled.map((volume) => volume.mountpoint).join(",") }),
      }),
      lifecycle: { postcondition: [succeeded(attributes.name)] },
    });
  }

  /** Mounts `volume` writable at `directory`; when the volume is recreated, the job runs again. */
  public fill(volume: Volume, directory: string, exemption?: Mounted["exemption"]): void {
    this.filled.push(volume);
    this.mount({ mount: { type: "volume", source: volume.name, target: directory, readOnly: false }, dependsOn: [], exemption });
  }

  /** One more mount. */
  public mount(mounted: Mounted): void {
    const { exemption } = mounted;
    if (exemption && exemptionFrom(exemption.rule, this) === undefined) exempt(this, exemption.rule, exemption.reason);
    this.mounts.push(mounted.mount);
    this.container.putMounts(this.mounts);
    this.addDependencies(mounted.dependsOn);
  }

  /** Lets the job run after these. */
  public addDependencies(resources: readonly TerraformResource[]): void {
    addDependencies(this.container, resources);
  }
}

/** What Terraform requires of a job that has ended. */
function succeeded(name: string) {
  return { condition: "${self.exit_code == 0}", errorMessage: `${name} ended with exit code \${self.exit_code}:\n\${self.container_logs}` };
}
