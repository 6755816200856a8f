import { Container, type ContainerPorts } from "@cdktf/provider-docker/lib/container";
import { Lazy } from "cdktf";
import { Construct } from "constructs";
import { type ConfigFile, valueHash } from "../core/config-file";
import { Duration } from "../core/duration";
import { requireAll } from "../core/errors";
import { renderEnvironment } from "../core/render";
import { type Attachment, dnsServers, networkBlocks } from "./attachment";
import { ConfigVolume } from "./config-volume";
import { type ContainerDescription, describeContainer } from "./description";
import { type Capability, hardened, type Limits } from "./hardening";
import type { ContainerImage } from "./image";
import { LABEL, labelBlocks, RESTART_POLICY } from "./labels";
import { exemptMounts, type Mounted } from "./mount";

/** How Docker finds out whether a service does its work. */
export interface HealthCheck {
  /** Command and arguments; it runs inside the container, without a shell, and exits 0 when all is well. */
  readonly command: readonly string[];
  /** @default 10 s */
  readonly interval?: Duration;
  /** @default 5 s */
  readonly timeout?: Duration;
  /** Failures in a row after which the service counts as unhealthy. @default 3 */
  readonly retries?: number;
  /** Time in which failures do not count, and Terraform waits at least. @default 30 s */
  readonly startPeriod?: Duration;
}

export interface ServiceProps extends Limits {
  /** Start of the container's name. */
  readonly namespace: string;
  /** Host name of the service on each of its networks; also the end of its container's name. */
  readonly name: string;
  readonly image: ContainerImage;
  /** What it is for, where it may be and what it listens on. @default - it may be on the network backend alone, and the picture cannot show it */
  readonly description?: ContainerDescription;
  /** Networks of the service; `"none"` for none at all, `"host"` for that of the Docker host itself. */
  readonly networks: readonly Attachment[] | "none" | "host";
  /** `uid:gid` that every process of the container has from its first instruction on. */
  readonly user: string;
  /** Further numeric groups of its processes, to read files of other services. @default - none */
  readonly groups?: readonly number[];
  readonly healthCheck: HealthCheck;
  /** @default - the image's own */
  readonly entrypoint?: readonly string[];
  /** @default - the image's own */
  readonly command?: readonly string[];
  /** Configuration files, and the directory where the service reads them. */
  readonly config?: { readonly directory: string; readonly files: readonly ConfigFile[] };
  /** Variables that are no secret. */
  readonly environment?: Readonly<Record<string, string | number>>;
  /** @default - none */
  readonly capabilities?: readonly Capability[];
  /** Ports of the Docker host that are published; only the reverse proxy may have any. @default - none */
  readonly ports?: readonly ContainerPorts[];
  /** Data volumes, secrets and other mounts. */
  readonly mounts?: readonly Mounted[];
  /** Writable paths in memory → mount options. */
  readonly tmpfs?: Readonly<Record<string, string>>;
  /** Names that the service has to find without asking DNS → IPv4 address. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** Signal that asks the service to end. @default SIGTERM */
  readonly stopSignal?: string;
  /** Stop timeout in seconds. @default 30 */
  readonly stopGraceSeconds?: number;
  /** What has to be healthy, or done, before. */
  readonly after?: readonly { readonly container: Container }[];
}

/** Seconds that an engine under load may need on top of the health check's own times. */
const WAIT_MARGIN_SECONDS = 90;

/**
 * One long-running container that can write only to its declared paths.
 *
 * Its root is read-only, it has no capability, no privilege to gain, no swap and no published port; each exemption is a prop at
 * the call site. Terraform waits until it is healthy.
 */
export class Service extends Construct {
  /** The resource behind it, for what is not offered above. */
  public readonly container: Container;
  /** Host name on its networks. */
  public readonly host: string;
  /** Capabilities beyond none, with the reason for each. */
  public readonly capabilities: readonly Capability[];

  constructor(scope: Construct, id: string, props: ServiceProps) {
    super(scope, id);
    describeContainer(this, props.description);
    const { namespace, name, image, networks, mounts = [], after = [], stopGraceSeconds = 30 } = props;
    requireAll(this, [
      [/^[a-z][a-z0-9-]*$/.test(name), `name must be a host name of lower-case letters, digits and "-", got "${name}"`],
      [/^\d+:\d+$/.test(props.user), `user must be uid:gid in numbers, got "${props.user}"`],
      [networks.length > 0, 'networks must name at least one network, or be "none"'],
      [props.memoryMiB >= 16, `memoryMiB must be 16 or more, got ${props.memoryMiB}`],
    ]);
    this.host = name;
    this.capabilities = props.capabilities ?? [];
    const config = props.config && new ConfigVolume(this, "Config", { namespace, name, image, files: props.config.files });
    const all = [...(config && props.config ? [config.mountAt(props.config.directory)] : []), ...mounts];
    exemptMounts(this, all);
    const tmpfs = { ...image.covering(all.map(({ mount }) => mount.target)), ...props.tmpfs };
    const healthcheck = renderHealthCheck(props.healthCheck);
    this.container = new Container(this, "Container", {
      ...hardened(props, props.capabilities),
      name: `${namespace}-${name}`,
      // on the host's own network it is the host's
      hostname: networks === "host" ? undefined : name,
      image: image.imageId,
      user: props.user,
      groupAdd: props.groups && [...new Set(props.groups)].sort((a, b) => a - b).map(String),
      entrypoint: props.entrypoint && [...props.entrypoint],
      command: props.command && [...props.command],
      env: renderEnvironment(props.environment ?? {}),
      restart: RESTART_POLICY.service,
      stopSignal: props.stopSignal ?? "SIGTERM",
      stopTimeout: stopGraceSeconds,
      // the provider's own stop: without it a replaced container is killed at once
      destroyGraceSeconds: stopGraceSeconds,
      healthcheck,
      wait: true,
      waitTimeout: waitSeconds(props.healthCheck),
      tmpfs,
      host: Object.entries(props.hosts ?? {}).map(([host, ip]) => ({ host, ip })),
      ports: props.ports && [...props.ports],
      ...(typeof networks === "string" ? { networkMode: networks } : { networksAdvanced: networkBlocks(networks, name), dns: dnsServers(networks) }),
      mounts: all.map(({ mount }) => mount),
      labels: labelBlocks({
        [LABEL.namespace]: namespace,
        [LABEL.kind]: "service",
        [LABEL.config]: Lazy.stringValue({ produce: () => config?.hash() ?? "none" }),
        [LABEL.settings]: valueHash({ healthcheck, tmpfs, cpus: props.cpus }),
      }),
      dependsOn: [...new Set([...all.flatMap(({ dependsOn }) => dependsOn), ...after.map(({ container }) => container)])],
    });
  }

  /** What the reverse proxy needs to route requests to `port`. */
  public http(port: number): { readonly httpServers: readonly string[] } {
    return { httpServers: [`http://${this.host}:${port}`] };
  }
}

const DEFAULT_INTERVAL = Duration.seconds(10);
const DEFAULT_TIMEOUT = Duration.seconds(5);
const DEFAULT_RETRIES = 3;
const DEFAULT_START = Duration.seconds(30);

function renderHealthCheck({
  command,
  interval = DEFAULT_INTERVAL,
  timeout = DEFAULT_TIMEOUT,
  retries = DEFAULT_RETRIES,
  startPeriod = DEFAULT_START,
}: HealthCheck) {
  return { test: ["CMD", ...command], interval: `${interval}`, timeout: `${timeout}`, retries, startPeriod: `${startPeriod}` };
}

function waitSeconds({ interval = DEFAULT_INTERVAL, timeout = DEFAULT_TIMEOUT, retries = DEFAULT_RETRIES, startPeriod = DEFAULT_START }: HealthCheck): number {
  return Math.ceil(startPeriod.seconds + retries * (interval.seconds + timeout.seconds) + WAIT_MARGIN_SECONDS);
}
