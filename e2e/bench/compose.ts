import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { runSync } from "../support/bounded";
import { type Deployment, docker, succeeded, until, WORK } from "../support/deployment";

interface Mount {
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
}

/** What is read of a container of a plan. */
interface Planned {
  readonly name: string;
  readonly image: string;
  readonly depends_on?: readonly string[];
  readonly labels: readonly { readonly label: string; readonly value: string }[];
  readonly upload?: readonly { readonly file: string; readonly content: string; readonly permissions?: string }[];
  readonly volumes?: readonly { readonly container_path: string; readonly volume_name?: string; readonly host_path?: string; readonly read_only?: boolean }[];
  readonly mounts?: readonly Mount[];
  readonly networks_advanced?: readonly { readonly name: string; readonly aliases?: readonly string[]; readonly ipv4_address?: string }[];
  readonly ports?: readonly { readonly ip: string; readonly external: number; readonly internal: number; readonly protocol: string }[];
  readonly host?: readonly { readonly host: string; readonly ip: string }[];
  readonly tmpfs?: Readonly<Record<string, string>>;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly cpu_quota?: number;
  readonly cpu_period?: number;
  readonly memory?: number;
  readonly memory_swap?: number;
  readonly log_driver?: string;
  readonly log_opts?: object;
  readonly security_opts?: readonly string[];
  readonly stop_timeout?: number;
  readonly [same: string]: unknown;
}

interface Network {
  readonly name: string;
  readonly internal?: boolean;
  readonly ipam_config: readonly object[];
  readonly options?: object;
}

/** What is read of a plan. */
export interface Plan {
  readonly resource: {
    readonly docker_container: Readonly<Record<string, Planned>>;
    readonly docker_image: Readonly<Record<string, { readonly name: string }>>;
    readonly docker_network: Readonly<Record<string, Network>>;
    readonly docker_volume: Readonly<Record<string, { readonly name: string }>>;
  };
}

/** A compose file, and the files that its containers read. */
export interface Composed {
  readonly project: { readonly services: Readonly<Record<string, Readonly<Record<string, unknown>>>>; readonly [other: string]: unknown };
  readonly files: readonly { readonly path: string; readonly text: string; readonly mode: number }[];
}

/** Settings that have the same name and form in a compose file. */
const SAME = ["command", "dns", "entrypoint", "env", "group_add", "healthcheck", "hostname", "init", "network_mode", "read_only", "restart", "stop_signal", "user"]; // biome-ignore format: a list
const RENAMED: Readonly<Record<string, string>> = { env: "environment" };

/**
 * The services and jobs of a plan as a compose file, with the same names, limits, networks and volumes.
 *
 * Configuration comes from directories beside the file, as a compose file usually has it, in place of the volumes that the plan fills.
 */
export function composeOf({ resource }: Plan, name: string): Composed {
  const containers = Object.values(resource.docker_container);
  const configs = containers.filter((one) => kindOf(one) === "carrier");
  const configVolumes = new Set(configs.flatMap(({ volumes = [] }) => volumes.flatMap(({ volume_name }) => volume_name ?? [])));
  const services = containers.filter((one) => kindOf(one) !== "carrier").map((one) => [one.name, serviceOf(one, resource, configVolumes)] as const);
  const used = services.flatMap(([, { volumes }]) => volumes.flatMap(({ type, source }) => (type === "volume" ? [source] : [])));
  const networks = Object.values(resource.docker_network).map(({ name: network, internal = false, ipam_config, options }) => [
    network,
    { name: network, internal, ipam: { config: ipam_config }, driver_opts: options },
  ]);
  return {
    project: escaped({
      name,
      services: Object.fromEntries(services),
      networks: Object.fromEntries(networks),
      volumes: Object.fromEntries(used.map((volume) => [volume, { name: volume }])),
    }),
    files: configs.flatMap(configFiles),
  };
}

function serviceOf(one: Planned, resource: Plan["resource"], configVolumes: ReadonlySet<string>) {
  const mountOf = ({ source, target, read_only = false }: Mount) => {
    const volume = named(source, resource);
    if (configVolumes.has(volume)) return { type: "bind", source: `./config/${volume}`, target, read_only: true };
    // compose creates all containers before it starts the first: what an image has there would get into the volume before its owner is set
    return { type: "volume", source: volume, target, read_only, volume: { nocopy: true } };
  };
  const own = (one.volumes ?? []).map(({ container_path: target, volume_name, host_path = "", read_only }) =>
    volume_name === undefined ? { type: "bind", source: host_path, target, read_only } : mountOf({ source: volume_name, target, read_only }),
  );
  const networks = (one.networks_advanced ?? []).map(({ name, aliases, ipv4_address }) => [named(name, resource), { aliases, ipv4_address }]);
  return {
    ...Object.fromEntries(SAME.flatMap((key) => (one[key] === undefined ? [] : [[RENAMED[key] ?? key, one[key]]]))),
    image: named(one.image, resource),
    pull_policy: "never",
    container_name: one.name,
    depends_on: Object.fromEntries(conditionsOf(one, resource)),
    ...(networks.length > 0 ? { networks: Object.fromEntries(networks) } : {}),
    volumes: [...own, ...(one.mounts ?? []).map(mountOf)],
    tmpfs: Object.entries(one.tmpfs ?? {}).map(([path, options]) => `${path}:${options}`),
    extra_hosts: (one.host ?? []).map(({ host, ip }) => `${host}:${ip}`),
    ports: (one.ports ?? []).map(({ ip, external, internal, protocol }) => `${ip}:${external}:${internal}/${protocol}`),
    logging: { driver: one.log_driver, options: one.log_opts },
    ...limitsOf(one),
  };
}

function limitsOf({ capabilities: { add = [], drop = [] } = {}, cpu_quota, cpu_period, memory, memory_swap, security_opts = [], stop_timeout }: Planned) {
  return {
    cap_add: add,
    cap_drop: drop,
    security_opt: security_opts,
    ...(cpu_quota && cpu_period ? { cpus: cpu_quota / cpu_period } : {}),
    ...(memory ? { mem_limit: `${memory}m`, memswap_limit: `${memory_swap ?? memory}m` } : {}),
    ...(stop_timeout ? { stop_grace_period: `${stop_timeout}s` } : {}),
  };
}

/** What compose waits for before it starts a container. */
function conditionsOf({ depends_on = [] }: Planned, { docker_container }: Plan["resource"]) {
  return depends_on.flatMap((address) => {
    const other = docker_container[address.replace("docker_container.", "")];
    if (other === undefined || kindOf(other) === "carrier") return [];
    return [[other.name, { condition: kindOf(other) === "job" ? "service_completed_successfully" : "service_healthy" }] as const];
  });
}

/** A text with the names of the volumes, networks and images to which it refers. */
function named(text: string, resource: Plan["resource"]): string {
  return text.replace(/\$\{docker_(volume|network|image)\.([^.}]+)\.\w+\}/g, (_, kind: "volume" | "network" | "image", id: string) => {
    const found = resource[`docker_${kind}`][id];
    if (found === undefined) throw new Error(`the plan has no ${kind} ${id}`);
    return found.name;
  });
}

function configFiles({ upload = [], volumes = [] }: Planned) {
  const { container_path = "", volume_name = "" } = volumes[0] ?? {};
  return upload.map(({ file, content, permissions = "0444" }) => ({
    path: join("config", volume_name, file.slice(container_path.length)),
    text: plain(content),
    mode: Number.parseInt(permissions, 8),
  }));
}

function kindOf({ labels }: Planned): string {
  return labels.find(({ label }) => label === "secure-bookstack.kind")?.value ?? "";
}

/** A text without the escapes of Terraform. */
function plain(text: string): string {
  return text.replace(/([$%])\1\{/g, "$1{");
}

/** A dollar would begin a variable of compose. */
function escaped<T>(value: T): T {
  return JSON.parse(JSON.stringify(value, (_, one) => (typeof one === "string" ? plain(one).replaceAll("$", "$$$$") : one)));
}

/** Version of docker compose; nothing when it is not installed. */
export function composeVersion(): string | undefined {
  const { status, stdout } = runSync("docker", ["compose", "version", "--short"]);
  return status === 0 ? stdout.trim() : undefined;
}

/** The containers of an environment, run by docker compose. The environment itself must not be deployed meanwhile. */
export class Compose {
  private readonly directory: string;

  constructor(private readonly wiki: Deployment) {
    this.directory = join(WORK, `${wiki.name}-compose`);
  }

  /** Writes the file from the plan that the last command of the environment made. */
  public write(): void {
    rmSync(this.directory, { recursive: true, force: true });
    const plan: Plan = JSON.parse(readFileSync(join(this.wiki.stackDirectory(), "cdk.tf.json"), "utf8"));
    const { project, files } = composeOf(plan, `${this.wiki.name}-compose`);
    for (const { path, text, mode } of files) {
      const target = join(this.directory, path);
      mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
      writeFileSync(target, text, { mode });
    }
    writeFileSync(join(this.directory, "compose.yaml"), JSON.stringify(project, null, 2));
  }

  /** Starts everything, and waits as `--wait` does: that option fails when a job ends on which nothing depends. */
  public async up(): Promise<void> {
    this.run("up", "--detach");
    const { services } = JSON.parse(readFileSync(join(this.directory, "compose.yaml"), "utf8"));
    const names = Object.keys(services);
    await until(() => this.ready(names), 300, "all containers of docker compose are healthy or have ended");
  }

  public down(): void {
    this.run("down", "--volumes");
  }

  public remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private ready(names: readonly string[]): boolean {
    const states = docker(
      "inspect",
      "--format",
      "{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}} {{.State.ExitCode}}{{end}}",
      ...names,
    ).split("\n");
    return states.every((state) => state === "healthy" || state === "exited 0");
  }

  private run(...args: readonly string[]): void {
    succeeded(runSync("docker", ["compose", "--file", join(this.directory, "compose.yaml"), ...args], { seconds: 600 }));
  }
}
