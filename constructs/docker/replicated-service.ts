import { Config } from "@cdktf/provider-docker/lib/config";
import { Service, type ServiceTaskSpecContainerSpecConfigs, type ServiceTaskSpecContainerSpecMounts } from "@cdktf/provider-docker/lib/service";
import { Lazy, type TerraformResource } from "cdktf";
import { Construct } from "constructs";
import type { Cluster } from "../core/cluster";
import { ConfigFile, contentHash } from "../core/config-file";
import { requireAll } from "../core/errors";
import { exempt } from "../core/exemption";
import type { Attachment } from "./attachment";
import { dnsServers } from "./attachment";
import type { ContainerParts, ContainerProps } from "./container-parts";
import { LABEL, labelBlocks } from "./labels";
import { boundTo, exemptMounts, type Mounted, type SwarmSecret } from "./mount";
import { resourceName } from "./resource-name";

/** What a replicated service needs that its container has on a single host, too. */
export interface ReplicatedServiceProps extends ContainerProps {
  readonly networks: readonly Attachment[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly config?: { readonly directory: string; readonly files: readonly ConfigFile[] };
  readonly healthcheck: {
    readonly test: string[];
    readonly interval: string;
    readonly timeout: string;
    readonly retries: number;
    readonly startPeriod: string;
  };
  readonly stopSignal: string;
  readonly stopGraceSeconds: number;
  /** Seconds after which a deploy gives up waiting for one replica. */
  readonly waitSeconds: number;
}

const MIB = 2 ** 20;
const NANO = 1_000_000_000;
/** Started first in each replica: it does for the program what a service has no attribute for. */
const START = { directory: "/etc/cluster", files: [ConfigFile.asset("docker/assets/start-replica.sh")] };
const EXEMPTIONS = [
  ["no-new-privileges", "a service of Docker Swarm has no such attribute in the provider; start-replica.sh sets it for the program, or refuses to start it"],
  ["memory-limited", "a service of Docker Swarm has no limit of swap; start-replica.sh refuses to start on a host with swap"],
] as const;
/** Permissions of a file. */
const READABLE = 0o444;
const OWNER_ONLY = 0o400;

/**
 * The same program as several equal containers, at most one on each host that is labelled for it.
 *
 * Its files and secrets come from the Raft log of the managers, its volumes are shared. A change replaces one replica after the other: a new one has
 * to be healthy before the next one is stopped. Names resolve to all healthy replicas by DNS, without a virtual address.
 */
export class ReplicatedService extends Construct {
  public readonly resource: Service;

  constructor(scope: Construct, id: string, cluster: Cluster, props: ReplicatedServiceProps, { tmpfs, attributes }: ContainerParts) {
    super(scope, id);
    const { namespace, name, networks, mounts = [] } = props;
    for (const [rule, reason] of EXEMPTIONS) exempt(this, rule, reason);
    exemptMounts(this, mounts);
    requireAll(
      this,
      mounts.filter((mounted) => mounted.swarm === undefined).map(({ mount }) => notShared(name, `${mount.target}`)),
    );
    const swarm = mounts.flatMap((mounted) => (mounted.swarm ? [mounted.swarm] : []));
    const files = [START, ...(props.config ? [props.config] : []), ...swarm.flatMap(({ files }) => (files ? [files] : []))];
    const secrets = swarm.flatMap(({ secrets }) => secrets?.(this) ?? []);
    this.resource = new Service(this, "Resource", {
      name: resourceName(namespace, name),
      mode: { replicated: { replicas: cluster.replicas } },
      // no virtual address: that needs IPVS in the kernel, and hides which replicas there are
      endpointSpec: { mode: "dnsrr" },
      taskSpec: {
        containerSpec: {
          ...containerSpec(props, attributes, tmpfs),
          configs: this.configs(namespace, name, files),
          secrets: secrets.map(secretFile(props.user)),
        },
        resources: { limits: { memoryBytes: props.memoryMiB * MIB, nanoCpus: Math.round((props.cpus ?? 1) * NANO) } },
        placement: placementOn(cluster),
        restartPolicy: { condition: "any", delay: "5s", window: "0s", maxAttempts: 0 },
        logDriver: { name: attributes.logDriver ?? "json-file", options: { ...attributes.logOpts } },
      },
      // at most one replica is on a host: an old one has to go before the new one can start where no host is free
      updateConfig: { parallelism: 1, order: "stop-first", failureAction: "rollback", monitor: "10s", delay: "5s" },
      rollbackConfig: { parallelism: 1, order: "stop-first", failureAction: "pause", monitor: "10s" },
      convergeConfig: { delay: "3s", timeout: `${props.waitSeconds * (cluster.replicas + 1)}s` },
      labels: labelBlocks({ [LABEL.namespace]: namespace, [LABEL.kind]: "service" }),
      dependsOn: [...new Set([...waitsFor(props), ...secrets.flatMap(({ dependsOn }) => dependsOn), ...(cluster.labelled ? [cluster.labelled] : [])])],
    });
    // the bindings do not know these yet; by its name a network would be replaced at each apply
    this.resource.addOverride("task_spec.container_spec.init", true);
    this.resource.addOverride("task_spec.networks_advanced", networks.map(attachedAs(name)));
  }

  /** Each file as an object of the Raft log, whose name carries the hash of its text: another text is another object. */
  private configs(
    namespace: string,
    name: string,
    parts: readonly { directory: string; files: readonly ConfigFile[] }[],
  ): ServiceTaskSpecContainerSpecConfigs[] {
    return parts.flatMap(({ directory, files }) =>
      files.map((file) => {
        const path = `${directory}/${file.path}`;
        const config = new Config(this, `Config${path.replaceAll("/", "-")}`, {
          name: Lazy.stringValue({ produce: () => `${namespace}-${name}-${contentHash([file])}-${path.split("/").at(-1)?.slice(0, 24)}` }),
          data: Lazy.stringValue({ produce: () => Buffer.from(file.text()).toString("base64") }),
          lifecycle: { createBeforeDestroy: true },
        });
        return { configId: config.id, configName: config.name, fileName: path, fileUid: "0", fileGid: "0", fileMode: READABLE };
      }),
    );
  }
}

function containerSpec(props: ReplicatedServiceProps, attributes: ContainerParts["attributes"], tmpfs: ContainerParts["tmpfs"]) {
  const { mounts = [] } = props;
  return {
    image: props.image.reference,
    command: ["sh", `${START.directory}/${START.files[0]?.path}`, ...(props.entrypoint ?? [])],
    args: props.command && [...props.command],
    user: props.user,
    env: environmentOf(attributes.env ?? []),
    readOnly: true,
    capDrop: ["ALL"],
    capAdd: attributes.capabilities?.add,
    stopSignal: props.stopSignal,
    stopGracePeriod: `${props.stopGraceSeconds}s`,
    healthcheck: shortened(props.healthcheck),
    dnsConfig: nameservers(dnsServers(props.networks)),
    hosts: Object.entries(props.hosts ?? {}).map(([host, ip]) => ({ host, ip })),
    mounts: [...volumeMounts(mounts), ...memoryMounts(tmpfs, mounts)],
  };
}

function attachedAs(name: string) {
  return ({ network, aliases = [] }: Attachment) => ({ id: network.networkId, aliases: [name, ...(typeof aliases === "function" ? aliases() : aliases)] });
}

function secretFile(user: string) {
  return ({ secretId, secretName, file }: SwarmSecret) => ({ secretId, secretName, fileName: file, ...owner(user), fileMode: OWNER_ONLY });
}

function placementOn({ labels }: Cluster) {
  return { constraints: [`node.labels.${labels.replica}==true`], prefs: [`spread=node.labels.${labels.zone}`], maxReplicas: 1 };
}

/** Durations as the provider gives those of a service back: `1m`, where those of a container are `1m0s`. */
function shortened(healthcheck: ReplicatedServiceProps["healthcheck"]) {
  const short = (duration: string) => duration.replace(/m0s$/, "m").replace(/h0m$/, "h");
  const { interval, timeout, startPeriod } = healthcheck;
  return { ...healthcheck, interval: short(interval), timeout: short(timeout), startPeriod: short(startPeriod) };
}

/** Jobs that fill its volumes, and what has to be healthy before. */
function waitsFor({ mounts = [], after = [] }: ContainerProps): TerraformResource[] {
  // files and secrets come from the Raft log
  const shared = mounts.filter(({ swarm }) => swarm?.device !== undefined);
  return [...shared.flatMap(({ dependsOn }) => dependsOn), ...after.map(({ container }) => container)];
}

function notShared(name: string, target: string) {
  return [false, `${name} mounts a volume at ${target} that other hosts do not have; make it shared, or let the service run once`] as const;
}

function owner(user: string) {
  const [fileUid, fileGid] = user.split(":");
  return { fileUid, fileGid };
}

function environmentOf(variables: readonly string[]): Record<string, string> {
  return Object.fromEntries(variables.map((variable) => [variable.slice(0, variable.indexOf("=")), variable.slice(variable.indexOf("=") + 1)]));
}

function nameservers(servers: readonly string[] | undefined) {
  return servers && { nameservers: [...servers] };
}

/** Shared volumes, which each host makes of the same directory of the file server. */
function volumeMounts(mounts: readonly Mounted[]): ServiceTaskSpecContainerSpecMounts[] {
  return mounts.flatMap(({ mount, swarm }) =>
    swarm?.device === undefined
      ? []
      : [
          {
            type: "volume",
            source: mount.source,
            target: mount.target,
            readOnly: mount.readOnly,
            volumeOptions: { noCopy: true, driverName: "local", driverOptions: boundTo(swarm.device) },
          },
        ],
  );
}

/**
 * Directories in memory: volumes without a name, which go with the replica, because a mount of the type tmpfs has no owner. They are also
 * what covers the volumes that the image declares, where nothing is mounted.
 */
function memoryMounts(directories: Readonly<Record<string, string>>, mounts: readonly Mounted[]): ServiceTaskSpecContainerSpecMounts[] {
  const free = Object.entries(directories).filter(([directory]) => !mounts.some(({ mount }) => mount.target === directory));
  return free.map(([target, options]) => ({
    type: "volume",
    target,
    readOnly: options.split(",").includes("ro"),
    volumeOptions: { noCopy: true, driverName: "local", driverOptions: { type: "tmpfs", device: "tmpfs", o: options } },
  }));
}
