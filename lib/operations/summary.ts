import type { SecretDescription } from "../../constructs/contracts/secret-store";
import { exemptionFrom, exemptionsOf } from "../../constructs/core/exemption";
import type { Connection } from "../../constructs/docker/description";
import { LABEL } from "../../constructs/docker/labels";
import type { HostConnection } from "../../constructs/host/connection";
import { plannedContainers } from "../../constructs/policy/check";
import type { PlannedContainer } from "../../constructs/policy/rule";
import { urlHost } from "../environment/host-url";
import type { Environment } from "../environment/schema";
import { warningsOf } from "../stack/application";
import { outboundEndpoints } from "../stack/outbound";
import type { WikiStack } from "../stack/wiki-stack";

/** What an environment would run, as `npm start -- --json` prints it. */
export interface Summary {
  readonly environment: string;
  readonly dockerHost: string;
  /** What people open → `https://…`. */
  readonly urls: Readonly<Record<string, string>>;
  /** Published ports of a container: `address:port`, with `/udp` where it is. */
  readonly published: readonly string[];
  /** Servers outside that the wiki reaches, as `host:port`. */
  readonly outbound: readonly string[];
  /** The host that is hardened; nothing where the host is left alone. */
  readonly host?: HostSummary;
  /** DNS records that are created. */
  readonly records: readonly RecordSummary[];
  readonly containers: readonly ContainerSummary[];
  /** Sum of the memory limits of all services. */
  readonly memoryMiB: number;
  readonly networks: readonly NetworkSummary[];
  readonly volumes: readonly VolumeSummary[];
  readonly secrets: { readonly place: string; readonly names: readonly SecretDescription[] };
  readonly exemptions: readonly ExemptionSummary[];
  readonly warnings: readonly string[];
}

export interface ContainerSummary {
  readonly name: string;
  /** What it does, in one or two short lines; none without a description. */
  readonly purpose: readonly string[];
  /** TCP ports that it listens on inside. */
  readonly listens: readonly number[];
  /** Connections that it opens to other containers. */
  readonly connects: readonly Connection[];
  /** `service` keeps running, `job` runs once. */
  readonly kind: "service" | "job";
  readonly image: string;
  readonly user: string;
  readonly networks: readonly string[];
  /** `host` for the network of the Docker host itself, `none` for no network at all. */
  readonly networkMode: "bridge" | "host" | "none";
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly readOnlyRoot: boolean;
  readonly capabilities: readonly string[];
  /** `address:port` of the Docker host. */
  readonly published: readonly string[];
  /** Paths that it may write: in volumes, and in memory. */
  readonly writes: { readonly volumes: readonly string[]; readonly memory: readonly string[] };
  /** Names of the rules that it is exempt from. */
  readonly exemptions: readonly string[];
}

/** What a deploy changes on the host below the containers. */
export interface HostSummary {
  /** `user@address:port`, or `this machine`. */
  readonly machine: string;
  /** Names of the parts, in the order in which they are applied. */
  readonly parts: readonly string[];
}

export interface RecordSummary {
  readonly type: string;
  readonly name: string;
  /** What the record says; of a CAA record its value. */
  readonly content: string;
}

export interface NetworkSummary {
  readonly name: string;
  readonly subnet: string;
  /** @default - it has no IPv6 addresses */
  readonly subnet6?: string;
  readonly gateway: string;
  /** @default - it spans the hosts of a cluster */
  readonly bridge?: string;
  /** Whether its containers have a route to the outside. */
  readonly routable: boolean;
}

export interface VolumeSummary {
  readonly name: string;
  /** Whether Terraform refuses to destroy it. */
  readonly protected: boolean;
  /** Services that may write it. */
  readonly writers: readonly string[];
}

export interface ExemptionSummary {
  readonly path: string;
  readonly rule: string;
  readonly reason: string;
}

// biome-ignore lint/suspicious/noExplicitAny: a rendered block has whatever the provider knows
type Block = Record<string, any>;

/** Summarizes a checked stack for the preview before a deploy. */
export function summarize(stack: WikiStack, environment: Environment): Summary {
  const resources: Record<string, Record<string, Block>> = stack.toTerraform().resource;
  const running = plannedContainers(stack).filter(isRunning);
  const containers = running.map(containerSummary);
  return {
    environment: environment.name,
    dockerHost: environment.docker.host,
    urls: stack.urls,
    published: containers.flatMap(({ published }) => published),
    outbound: outboundEndpoints(environment).map(String),
    host: stack.host && { machine: machineOf(stack.host.connection), parts: stack.host.names() },
    records: Object.values(resources.cloudflare_dns_record ?? {}).map(recordSummary),
    containers,
    memoryMiB: containers.filter(({ kind }) => kind === "service").reduce((sum, { memoryMiB }) => sum + memoryMiB, 0),
    networks: Object.values(resources.docker_network ?? {}).map(networkSummary),
    volumes: Object.entries(resources.docker_volume ?? {})
      .filter(([, { labels }]) => labels.some(({ label, value }: Block) => label === LABEL.kind && value === "data"))
      .map(([id, volume]) => ({ name: volume.name, protected: volume.lifecycle?.prevent_destroy === true, writers: writersOf(id, running) })),
    secrets: {
      place: stack.host ? "the host, encrypted, in clear in its memory alone" : "volumes of the Docker host, in clear",
      names: stack.secrets.describe(),
    },
    exemptions: exemptionsOf(stack).map(({ path, rule, reason }) => ({ path, rule, reason })),
    warnings: warningsOf(stack),
  };
}

interface RunningContainer extends PlannedContainer {
  readonly kind: "service" | "job";
}

function isRunning(container: PlannedContainer): container is RunningContainer {
  return container.kind === "service" || container.kind === "job";
}

function containerSummary({ name, kind, image, networks, attributes, description, construct }: RunningContainer): ContainerSummary {
  const block = attributes as Block;
  const mounts: Block[] = block.mounts ?? [];
  return {
    name,
    purpose: description?.purpose ?? [],
    listens: description?.listens ?? [],
    connects: description?.connects ?? [],
    kind,
    image,
    user: block.user,
    networks,
    networkMode: block.network_mode === "host" || block.network_mode === "none" ? block.network_mode : "bridge",
    memoryMiB: block.memory,
    cpus: block.cpu_quota / block.cpu_period,
    readOnlyRoot: block.read_only === true,
    capabilities: block.capabilities?.add ?? [],
    published: (block.ports ?? []).map(
      ({ ip, external, protocol }: Block) => `${ip.includes(":") ? `[${ip}]` : ip}:${external}${protocol === "udp" ? "/udp" : ""}`,
    ),
    writes: {
      volumes: mounts.filter(({ read_only }) => read_only !== true).map(({ target }) => target),
      memory: writableInMemory(block.tmpfs ?? {}),
    },
    exemptions: exemptionRules(construct),
  };
}

/** The machine whose host parts are applied, for people. */
export function machineOf(connection: HostConnection | undefined): string {
  return connection === undefined ? "this machine" : `${connection.user}@${urlHost(connection.address)}:${connection.port}`;
}

function recordSummary({ type, name, content, data }: Block): RecordSummary {
  return { type, name, content: content ?? data?.value ?? "" };
}

/** Services that mount the volume with the Terraform name `id` to write it. */
function writersOf(id: string, containers: readonly RunningContainer[]): string[] {
  const writes = ({ attributes: { mounts } }: RunningContainer) =>
    ((mounts ?? []) as Block[]).some(({ source, read_only }) => source === `\${docker_volume.${id}.name}` && read_only !== true);
  return containers.filter((container) => container.kind === "service" && writes(container)).map(({ name }) => name);
}

function writableInMemory(tmpfs: Readonly<Record<string, string>>): string[] {
  return Object.entries(tmpfs)
    .filter(([, options]) => !options.split(",").includes("ro"))
    .map(([directory]) => directory);
}

/** Rules that `construct` is exempt from, by its own or a parent scope's exemption. */
function exemptionRules(construct: PlannedContainer["construct"]): string[] {
  const declared = construct.node.scopes.flatMap((scope) => exemptionsOf(scope)).map(({ rule }) => rule);
  return [...new Set(declared)].filter((rule) => exemptionFrom(rule, construct) !== undefined).sort();
}

function networkSummary({ name, internal, ipam_config: [config, config6], options }: Block): NetworkSummary {
  return {
    name,
    subnet: config.subnet,
    ...(config6 ? { subnet6: config6.subnet } : {}),
    gateway: config.gateway,
    ...(options === undefined ? {} : { bridge: options["com.docker.network.bridge.name"] }),
    routable: internal !== true,
  };
}
