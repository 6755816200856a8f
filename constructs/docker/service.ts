import { Container, type ContainerPorts } from "@cdktf/provider-docker/lib/container";
import type { TerraformResource } from "cdktf";
import { Construct } from "constructs";
import { type Cluster, clusterOf } from "../core/cluster";
import { valueHash } from "../core/config-file";
import { Duration } from "../core/duration";
import type { Attachment } from "./attachment";
import { type ContainerFiles, type ContainerParts, type ContainerProps, containerParts, networkAttributes } from "./container-parts";
import type { Capability } from "./hardening";
import { LABEL, labelBlocks, RESTART_POLICY } from "./labels";
import { ReplicatedService } from "./replicated-service";

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

export interface ServiceProps extends ContainerProps {
  /** Networks of the service; `"none"` for none at all, `"host"` for that of the Docker host itself. */
  readonly networks: readonly Attachment[] | "none" | "host";
  /** Further numeric groups of its processes, to read files of other services. @default - none */
  readonly groups?: readonly number[];
  readonly healthCheck: HealthCheck;
  /** @default - the image's own */
  readonly entrypoint?: readonly string[];
  /** @default - the image's own */
  readonly command?: readonly string[];
  /** Configuration files. @default - none */
  readonly config?: ContainerFiles;
  /** Ports of the Docker host that are published; only the reverse proxy may have any. @default - none */
  readonly ports?: readonly ContainerPorts[];
  /** Signal that asks the service to end. @default SIGTERM */
  readonly stopSignal?: string;
  /** Stop timeout in seconds. @default 30 */
  readonly stopGraceSeconds?: number;
  /**
   * Whether a cluster runs it on several hosts: all its volumes must be shared, and nothing may depend on its address. On a single host it makes no
   * difference.
   * @default false
   */
  readonly scales?: boolean;
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
  /** The resource behind it, for what is not offered above: a container, or a service of a cluster. */
  public readonly container: TerraformResource;
  /** Host name on its networks. */
  public readonly host: string;
  /** Capabilities beyond none, with the reason for each. */
  public readonly capabilities: readonly Capability[];

  constructor(scope: Construct, id: string, props: ServiceProps) {
    super(scope, id);
    const { name, networks } = props;
    const cluster = props.scales ? clusterOf(this) : undefined;
    const files = cluster ? undefined : props.config;
    const parts = containerParts(this, cluster ? { ...props, mounts: [] } : props, files, [
      [networks.length > 0, 'networks must name at least one network, or be "none"'],
      [cluster === undefined || typeof networks !== "string", "a service that scales must be on networks of the stack"],
    ]);
    this.host = name;
    this.capabilities = props.capabilities ?? [];
    const healthcheck = renderHealthCheck(props.healthCheck);
    this.container = cluster ? this.replicated(cluster, props, parts, healthcheck) : this.single(props, parts, healthcheck);
  }

  /** What the reverse proxy needs to route requests to `port`. */
  public http(port: number): { readonly httpServers: readonly string[] } {
    return { httpServers: [`http://${this.host}:${port}`] };
  }

  private single(props: ServiceProps, { tmpfs, attributes, labels }: ContainerParts, healthcheck: RenderedHealthCheck): Container {
    const { name, networks, stopGraceSeconds = STOP_GRACE_SECONDS } = props;
    return new Container(this, "Container", {
      ...attributes,
      ...networkAttributes(networks, name),
      // on the host's own network it is the host's
      hostname: networks === "host" ? undefined : name,
      groupAdd: props.groups && [...new Set(props.groups)].sort((a, b) => a - b).map(String),
      entrypoint: props.entrypoint && [...props.entrypoint],
      command: props.command && [...props.command],
      restart: RESTART_POLICY.service,
      stopSignal: props.stopSignal ?? STOP_SIGNAL,
      stopTimeout: stopGraceSeconds,
      // the provider's own stop: without it a replaced container is killed at once
      destroyGraceSeconds: stopGraceSeconds,
      healthcheck,
      wait: true,
      waitTimeout: waitSeconds(props.healthCheck),
      ports: props.ports && [...props.ports],
      labels: labelBlocks({
        ...labels,
        [LABEL.kind]: "service",
        [LABEL.settings]: valueHash({ healthcheck, tmpfs, cpus: props.cpus }),
      }),
    });
  }

  private replicated(cluster: Cluster, props: ServiceProps, parts: ContainerParts, healthcheck: RenderedHealthCheck): TerraformResource {
    const { networks, stopSignal = STOP_SIGNAL, stopGraceSeconds = STOP_GRACE_SECONDS } = props;
    return new ReplicatedService(
      this,
      "Replicas",
      cluster,
      {
        ...props,
        networks: typeof networks === "string" ? [] : networks,
        healthcheck,
        stopSignal,
        stopGraceSeconds,
        waitSeconds: waitSeconds(props.healthCheck),
      },
      parts,
    ).resource;
  }
}

const STOP_SIGNAL = "SIGTERM";
const STOP_GRACE_SECONDS = 30;

const DEFAULT_INTERVAL = Duration.seconds(10);
const DEFAULT_TIMEOUT = Duration.seconds(5);
const DEFAULT_RETRIES = 3;
const DEFAULT_START = Duration.seconds(30);

type RenderedHealthCheck = ReturnType<typeof renderHealthCheck>;

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
