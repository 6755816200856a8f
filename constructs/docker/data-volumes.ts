import { Volume } from "@cdktf/provider-docker/lib/volume";
import { Construct } from "constructs";
import { clusterOf } from "../core/cluster";
import { ConfigFile } from "../core/config-file";
import { type Rule, requireAll } from "../core/errors";
import { exempt } from "../core/exemption";
import type { ContainerImage } from "./image";
import { Job } from "./job";
import { LABEL, labelBlocks, type VolumeKind } from "./labels";
import { boundTo, type Mounted } from "./mount";
import { resourceName } from "./resource-name";
import { renderInspection, renderOwners } from "./volume-scripts";

export interface DataVolumesProps {
  /** Start of the physical names. */
  readonly namespace: string;
  /** Image with a POSIX shell and `chown`, for the job that hands the volumes to their owners. */
  readonly image: ContainerImage;
  /**
   * Whether Terraform refuses to destroy the volumes.
   * @default true
   */
  readonly protect?: boolean;
}

export interface DataVolumeProps {
  /** `uid:gid` that may write. */
  readonly owner: string;
  /**
   * Files that exist before the service starts: name → mode in octal digits, such as `644`. For a log that another service
   * reads, if the program that writes it would not permit it.
   * @default - none
   */
  readonly files?: Readonly<Record<string, string>>;
  /**
   * Whether it holds temporary files only: it goes with the environment, and must never be backed up.
   * @default false
   */
  readonly scratch?: boolean;
  /**
   * Absolute path of a directory of the Docker host that holds the files, such as one of a mounted file system. It must exist and
   * belong to `owner`: the job checks it and changes nothing there.
   * @default - Docker keeps the files
   */
  readonly directory?: string;
  /**
   * Whether services on several hosts of a cluster mount it: there it is a directory of the cluster's storage. On a single host it makes no difference.
   * @default false
   */
  readonly shared?: boolean;
}

/** What services keep. Names never change: a renamed volume is an empty one. One job gives each volume to its owner before anything starts. */
export class DataVolumes extends Construct {
  private readonly volumes = new Map<string, DataVolume>();
  private readonly job: Job;
  private inspected: { readonly owner: string; readonly job: Job } | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: DataVolumesProps,
  ) {
    super(scope, id);
    exempt(this, "non-root", "only root can change the owner of a volume; the job has only CAP_CHOWN, no network, and ends at once");
    this.job = new Job(this, "Owners", {
      namespace: props.namespace,
      name: "volume-owners",
      description: { purpose: ["sets owners of volumes"], zones: [] },
      image: props.image,
      user: "0:0",
      capabilities: [{ name: "CAP_CHOWN", reason: "gives each new volume to the user of its service" }],
      network: "none",
      memoryMiB: 64,
      entrypoint: ["sh", "/etc/job/owners.sh"],
      config: { directory: "/etc/job", files: [ConfigFile.text("owners.sh", () => renderOwners([...this.volumes.values()]))] },
    });
    this.node.addValidation({ validate: () => (this.volumes.size > 0 ? [] : ["holds no volume; call volume() at least once"]) });
  }

  /** A volume named `<namespace>-<name>` that belongs to `owner`. */
  public volume(name: string, props: DataVolumeProps): DataVolume {
    requireAll(this, [
      [!this.volumes.has(name), `volume "${name}" is taken; give the second one another name`],
      [/^\d+:\d+$/.test(props.owner), `owner of "${name}" must be uid:gid in numbers, got "${props.owner}"`],
      [/^(\/[\w.-]+)+$/.test(props.directory ?? "/data"), `directory of "${name}" must be an absolute path, got "${props.directory}"`],
      ...Object.entries(props.files ?? {}).flatMap(([file, mode]): Rule[] => [
        [/^\w[\w.-]*$/.test(file), `files of "${name}" must have plain names, got "${file}"`],
        [/^[0-7]{3}$/.test(mode), `mode of "${file}" must be three octal digits, got "${mode}"`],
      ]),
    ]);
    const { namespace, protect = true } = this.props;
    const ready = props.directory === undefined ? this.job : this.inspection(props.owner);
    const volume = new DataVolume(this, name, { ...props, namespace, name, protect, ready });
    this.volumes.set(name, volume);
    ready.fill(volume.resource, volume.jobDirectory, volume.exemption);
    return volume;
  }

  /** The job that looks at directories of the host as their owner: a server of files may map root to nobody. */
  private inspection(owner: string): Job {
    requireAll(this, [[(this.inspected?.owner ?? owner) === owner, `owner of all directories must be ${this.inspected?.owner}, got ${owner}`]]);
    this.inspected ??= {
      owner,
      job: new Job(this, "Directories", {
        namespace: this.props.namespace,
        name: "volume-directories",
        description: { purpose: ["checks directories", "of the host"], zones: [] },
        image: this.props.image,
        user: owner,
        network: "none",
        memoryMiB: 64,
        entrypoint: ["sh", "/etc/job/directories.sh"],
        config: { directory: "/etc/job", files: [ConfigFile.text("directories.sh", () => renderInspection([...this.volumes.values()]))] },
      }),
    };
    return this.inspected.job;
  }

  /** The volume that another part has already. */
  public existing(name: string): DataVolume {
    const volume = this.volumes.get(name);
    if (volume === undefined) throw new Error(`there is no volume "${name}"`);
    return volume;
  }

  /** Keeps the volumes of `others` that no part has here: a stack that stops using them must not remove them. */
  public keep(others: DataVolumes): void {
    for (const [name, { properties }] of others.volumes) if (!this.volumes.has(name)) this.volume(name, properties);
  }
}

const SHARED_REASON = "every host of the cluster has this directory from the same file server, and a volume is bound to it";

interface DataVolumeInternals extends DataVolumeProps {
  readonly namespace: string;
  readonly name: string;
  readonly protect: boolean;
  readonly ready: Job;
}

/** One volume with data; made by {@link DataVolumes.volume}. */
export class DataVolume extends Construct {
  /** The volume behind it, for a guard or a backup that mounts it too. */
  public readonly resource: Volume;
  public readonly owner: string;
  /** Name → mode of the files that exist before the service starts. */
  public readonly files: Readonly<Record<string, string>>;
  /** Whether it holds temporary files only. */
  public readonly scratch: boolean;
  /** Where the job that sets the owner sees the volume. */
  public readonly jobDirectory: string;
  /** Directory of the Docker host that holds the files; nothing where Docker keeps them. */
  public readonly directory: string | undefined;
  /** Directory of the cluster's storage; nothing for a volume of one host. */
  private readonly device: string | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly internals: DataVolumeInternals,
  ) {
    super(scope, id);
    const { namespace, name, owner, protect, scratch = false, directory, shared = false } = internals;
    const cluster = clusterOf(this);
    this.device = shared && cluster ? `${cluster.storage}/${name}` : undefined;
    const kind: VolumeKind = scratch ? "scratch" : "data";
    this.owner = owner;
    this.files = internals.files ?? {};
    this.scratch = scratch;
    this.jobDirectory = `/volumes/${name}`;
    this.directory = directory;
    const bound = this.device ?? directory;
    this.resource = new Volume(this, "Resource", {
      name: resourceName(namespace, name),
      labels: labelBlocks({ [LABEL.namespace]: namespace, [LABEL.kind]: kind }),
      driver: this.device === undefined ? undefined : "local",
      driverOpts: bound === undefined ? undefined : boundTo(bound),
      lifecycle: protect && !scratch ? { preventDestroy: true } : undefined,
    });
  }

  /** What it was made with. */
  public get properties(): DataVolumeProps {
    const { owner, files, scratch, directory } = this.internals;
    return { owner, files, scratch, directory };
  }

  /** Writable at `directory`, once its owner is set. */
  public mountAt(directory: string): Mounted {
    return this.mounted(directory, false);
  }

  /** Readable at `directory`, once its owner is set. */
  public mountReadOnlyAt(directory: string): Mounted {
    return this.mounted(directory, true);
  }

  /** The rule that mounts of a directory of the host break on purpose. */
  public get exemption(): Mounted["exemption"] {
    if (this.device !== undefined) return { ...EXEMPTION, reason: `${SHARED_REASON}: ${this.device}` };
    return this.directory === undefined ? undefined : EXEMPTION;
  }

  private mounted(target: string, readOnly: boolean): Mounted {
    const { exemption, device } = this;
    const mount = { type: "volume", source: this.resource.name, target, readOnly };
    return { mount, dependsOn: [this.internals.ready.container], ...(exemption && { exemption }), ...(device !== undefined && { swarm: { device } }) };
  }
}

const EXEMPTION = { rule: "no-host-paths", reason: "mounts directories that the environment names for its files, and nothing else of the host" };
