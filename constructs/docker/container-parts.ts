import type { ContainerConfig, ContainerMounts } from "@cdktf/provider-docker/lib/container";
import { Lazy, type TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import type { ConfigFile } from "../core/config-file";
import { type Rule, requireAll } from "../core/errors";
import { renderEnvironment } from "../core/render";
import { type Attachment, dnsServers, networkBlocks } from "./attachment";
import { ConfigVolume } from "./config-volume";
import { type ContainerDescription, describeContainer } from "./description";
import { type Capability, hardened, type Limits } from "./hardening";
import type { ContainerImage } from "./image";
import { LABEL } from "./labels";
import { exemptMounts, type Mounted } from "./mount";
import { resourceName } from "./resource-name";
import { renderTmpfs, type Tmpfs } from "./tmpfs";

/** What services and jobs have in common. */
export interface ContainerProps extends Limits {
  /** Start of the container's name. */
  readonly namespace: string;
  /** End of the container's name; host name of a service on each of its networks. Lower-case letters, digits and "-". */
  readonly name: string;
  readonly image: ContainerImage;
  /** What it is for, where it may be and what it listens on. @default - it may be on the network backend alone, and the picture cannot show it */
  readonly description?: ContainerDescription;
  /** `uid:gid`, in numbers, that every process of the container has from its first instruction on. */
  readonly user: string;
  /** Variables that are not secret. @default - none */
  readonly environment?: Readonly<Record<string, string | number>>;
  /** Capabilities beyond none, each with its reason. @default - none */
  readonly capabilities?: readonly Capability[];
  /** Data volumes, secrets and other mounts. @default - none */
  readonly mounts?: readonly Mounted[];
  /** Writable directories in memory. @default - none */
  readonly tmpfs?: Readonly<Record<string, Tmpfs>>;
  /** Names that processes have to find without asking DNS → IPv4 address. @default - none */
  readonly hosts?: Readonly<Record<string, string>>;
  /** What has to be healthy, or done, before. @default - nothing */
  readonly after?: readonly { readonly container: TerraformResource }[];
}

/** Configuration files of a container, and the directory where it reads them. */
export interface ContainerFiles {
  readonly directory: string;
  readonly files: readonly ConfigFile[];
}

/** Smallest memory limit in MiB with which a container starts. */
const LEAST_MEMORY_MIB = 16;

function containerRules({ name, user, memoryMiB }: ContainerProps): Rule[] {
  return [
    [/^[a-z][a-z0-9-]*$/.test(name), `name must be a host name of lower-case letters, digits and "-", got "${name}"`],
    [/^\d+:\d+$/.test(user), `user must be uid:gid in numbers, got "${user}"`],
    [memoryMiB >= LEAST_MEMORY_MIB, `memoryMiB must be ${LEAST_MEMORY_MIB} or more, got ${memoryMiB}`],
  ];
}

/** What a service or job puts into its container, besides what is its own. */
export interface ContainerParts {
  readonly mounts: ContainerMounts[];
  readonly tmpfs: Record<string, string>;
  /** Attributes that are equal for both. */
  readonly attributes: ContainerConfig;
  /** Labels that are equal for both. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Checks the props that services and jobs have in common and renders them, hardened.
 *
 * @throws ConfigurationError with every problem of the props, and of `rules`.
 */
export function containerParts(scope: Construct, props: ContainerProps, files: ContainerFiles | undefined, rules: readonly Rule[] = []): ContainerParts {
  const { namespace, name, image, mounts = [], after = [] } = props;
  describeContainer(scope, props.description);
  requireAll(scope, [...containerRules(props), ...rules]);
  const config = files && new ConfigVolume(scope, "Config", { namespace, name, image, files: files.files });
  const all = [...(config && files ? [config.mountAt(files.directory)] : []), ...mounts];
  exemptMounts(scope, all);
  const tmpfs = { ...image.covering(all.map(({ mount }) => mount.target)), ...renderTmpfs(props.tmpfs ?? {}) };
  const mounted = all.map(({ mount }) => mount);
  const attributes = {
    ...hardened(props, props.capabilities),
    name: resourceName(namespace, name),
    image: image.imageId,
    user: props.user,
    env: renderEnvironment(props.environment ?? {}),
    tmpfs,
    host: Object.entries(props.hosts ?? {}).map(([host, ip]) => ({ host, ip })),
    mounts: mounted,
    dependsOn: [...new Set([...all.flatMap(({ dependsOn }) => dependsOn), ...after.map(({ container }) => container)])],
  };
  const labels = { [LABEL.namespace]: namespace, [LABEL.config]: Lazy.stringValue({ produce: () => config?.hash() ?? "none" }) };
  return { mounts: mounted, tmpfs, attributes, labels };
}

/** Network attributes: a mode, or attachments under `names`, the host names of the container. */
export function networkAttributes(networks: readonly Attachment[] | "none" | "host", name: string, names?: readonly string[]): Partial<ContainerConfig> {
  if (typeof networks === "string") return { networkMode: networks };
  return { networksAdvanced: networkBlocks(networks, name, names), dns: dnsServers(networks) };
}
