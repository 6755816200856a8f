import { Container } from "@cdktf/provider-docker/lib/container";
import type { Volume } from "@cdktf/provider-docker/lib/volume";
import { Lazy, type TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { type ConfigFile, valueHash } from "../core/config-file";
import { addDependencies } from "../core/dependencies";
import { renderEnvironment } from "../core/render";
import { type Attachment, dnsServers, networkBlocks } from "./attachment";
import { ConfigVolume } from "./config-volume";
import { type ContainerDescription, describeContainer } from "./description";
import { type Capability, hardened, type Limits } from "./hardening";
import type { ContainerImage } from "./image";
import { LABEL, labelBlocks } from "./labels";
import { exemptMounts, type Mounted } from "./mount";

export interface JobProps extends Limits {
  readonly namespace: string;
  readonly name: string;
  readonly image: ContainerImage;
  /** What it is for, where it may be and what it listens on. @default - it may be on the network backend alone, and the picture cannot show it */
  readonly description?: ContainerDescription;
  /** `uid:gid` of every process. */
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly config: { readonly directory: string; readonly files: readonly ConfigFile[] };
  /** Networks of the job; `"none"` for no network at all. */
  readonly network: readonly Attachment[] | "none";
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly capabilities?: readonly Capability[];
  readonly mounts?: readonly Mounted[];
  /** Writable paths in memory → mount options. */
  readonly tmpfs?: Readonly<Record<string, string>>;
  /** Names that the job has to find without asking DNS → address. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** What has to be healthy, or done, before. */
  readonly after?: readonly { readonly container: Container }[];
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
    describeContainer(this, props.description);
    const { namespace, name, image, network, mounts = [], after = [] } = props;
    const config = new ConfigVolume(this, "Config", { namespace, name, image, files: props.config.files });
    const files = config.mountAt(props.config.directory);
    const all = [files, ...mounts];
    exemptMounts(this, all);
    this.mounts = all.map(({ mount }) => mount);
    const tmpfs = { ...image.covering(all.map(({ mount }) => mount.target)), ...props.tmpfs };
    this.container = new Container(this, "Container", {
      ...hardened(props, props.capabilities),
      name: `${namespace}-${name}`,
      image: image.imageId,
      user: props.user,
      entrypoint: [...props.entrypoint],
      env: renderEnvironment(props.environment ?? {}),
      restart: "no",
      attach: true,
      logs: true,
      mustRun: false,
      tmpfs,
      host: Object.entries(props.hosts ?? {}).map(([host, ip]) => ({ host, ip })),
      ...(network === "none" ? { networkMode: "none" } : { networksAdvanced: networkBlocks(network, name, []), dns: dnsServers(network) }),
      mounts: this.mounts,
      labels: labelBlocks({
        [LABEL.namespace]: namespace,
        [LABEL.kind]: "job",
        [LABEL.config]: Lazy.stringValue({ produce: () => config.hash() }),
        [LABEL.settings]: valueHash({ tmpfs, limits: [props.memoryMiB, props.cpus] }),
        [LABEL.volumes]: Lazy.stringValue({ produce: () => this.filled.map((volume) => volume.mountpoint).join(",") }),
      }),
      dependsOn: [...new Set([...all.flatMap(({ dependsOn }) => dependsOn), ...after.map(({ container }) => container)])],
      lifecycle: {
        postcondition: [
          {
            condition: "${self.exit_code == 0}",
            errorMessage: `${namespace}-${name} ended with exit code \${self.exit_code}:\n\${self.container_logs}`,
          },
        ],
      },
    });
  }

  /** Mounts `volume` writable at `directory`; when the volume is recreated, the job runs again. */
  public fill(volume: Volume, directory: string): void {
    this.filled.push(volume);
    this.mount({ mount: { type: "volume", source: volume.name, target: directory, readOnly: false }, dependsOn: [] });
  }

  /** One more mount. */
  public mount(mounted: Mounted): void {
    this.mounts.push(mounted.mount);
    this.container.putMounts(this.mounts);
    this.addDependencies(mounted.dependsOn);
  }

  /** Lets the job run after these. */
  public addDependencies(resources: readonly TerraformResource[]): void {
    addDependencies(this.container, resources);
  }
}
