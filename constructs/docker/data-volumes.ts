import { Volume } from "@cdktf/provider-docker/lib/volume";
import { Construct } from "constructs";
import { ConfigFile } from "../core/config-file";
import { type Rule, requireAll } from "../core/errors";
import { exempt } from "../core/exemption";
import type { ContainerImage } from "./image";
import { Job } from "./job";
import { LABEL, labelBlocks, type VolumeKind } from "./labels";
import type { Mounted } from "./mount";
import { resourceName } from "./resource-name";

/** Where a file lies that keeps Docker from copying an image's directory, and its owner, over an empty volume. */
export const VOLUME_MARKER = ".secure-bookstack";

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
}

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

  constructor(
    scope: Construct,
    id: string,
    private readonly internals: DataVolumeInternals,
  ) {
    super(scope, id);
    const { namespace, name, owner, protect, scratch = false, directory } = internals;
    const kind: VolumeKind = scratch ? "scratch" : "data";
    this.owner = owner;
    this.files = internals.files ?? {};
    this.scratch = scratch;
    this.jobDirectory = `/volumes/${name}`;
    this.directory = directory;
    this.resource = new Volume(this, "Resource", {
      name: resourceName(namespace, name),
      labels: labelBlocks({ [LABEL.namespace]: namespace, [LABEL.kind]: kind }),
      driverOpts: directory === undefined ? undefined : { type: "none", o: "bind", device: directory },
      lifecycle: protect && !scratch ? { preventDestroy: true } : undefined,
    });
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
    return this.directory === undefined ? undefined : EXEMPTION;
  }

  private mounted(target: string, readOnly: boolean): Mounted {
    const { exemption } = this;
    const mount = { type: "volume", source: this.resource.name, target, readOnly };
    return { mount, dependsOn: [this.internals.ready.container], ...(exemption && { exemption }) };
  }
}

const EXEMPTION = { rule: "no-host-paths", reason: "mounts directories that the environment names for its files, and nothing else of the host" };

/** A script that is safe to repeat: what has its owner already is left alone. */
function renderOwners(all: readonly DataVolume[]): string {
  const volumes = all.filter(({ directory }) => directory === undefined);
  const lines = volumes.flatMap(({ jobDirectory, owner, files }) => [
    `own ${jobDirectory} ${owner}`,
    ...Object.entries(files).map(([file, mode]) => `provide ${jobDirectory} ${file} ${owner} ${mode}`),
  ]);
  const provides = volumes.some(({ files }) => Object.keys(files).length > 0);
  return `#!/bin/sh
# Gives each new volume to the user of its service. Volumes that have their owner are left alone.
set -eu
own() {
  [ "$(stat -c %u:%g "$1")" = "$2" ] && return
  : > "$1/${VOLUME_MARKER}"
  chmod 0755 "$1"
  chown "$2" "$1"
  echo "$1 belongs to $2"
}
${provides ? PROVIDE : ""}${lines.sort().join("\n")}
`;
}

/** Root without its capabilities may do nothing in what it gave away: it takes the directory back for as long as it needs. */
const PROVIDE = `provide() {
  [ "$(stat -c %u:%g:%a "$1/$2" 2>/dev/null)" = "$3:$4" ] && return
  chown 0:0 "$1"
  [ -e "$1/$2" ] || : > "$1/$2"
  chown 0:0 "$1/$2"
  chmod "$4" "$1/$2"
  chown "$3" "$1/$2" "$1"
  echo "$1/$2 belongs to $3, mode $4"
}
`;

/** A script that reports everything that is wrong, and changes nothing but the marker. */
function renderInspection(volumes: readonly DataVolume[]): string {
  const lines = volumes.flatMap(({ jobDirectory, owner, directory }) => (directory === undefined ? [] : [`inspect ${jobDirectory} ${owner} ${directory}`]));
  return `#!/bin/sh
# Checks owner and mode of directories of the Docker host, and that files can be written there.
set -eu
failed=
inspect() {
  found="$(stat -c '%u:%g %a' "$1")"
  case "$found" in
    "$2 7"[0145][0145] | "$2 "[0-7]7[0145][0145])
      ( : > "$1/${VOLUME_MARKER}" ) 2> /dev/null && return
      failed=1
      echo "$3 on the Docker host cannot be written by $2; mount it read-write, for this numeric user"
      ;;
    *)
      failed=1
      echo "$3 on the Docker host must belong to $2 with mode 0750, got \${found% *} with mode \${found#* }; run there: chown $2 $3 && chmod 0750 $3"
      ;;
  esac
}
${lines.sort().join("\n")}
[ -z "$failed" ]
`;
}
