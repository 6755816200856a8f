import { Duration } from "../core/duration";
import { blocksOf, pairsOf, textsOf } from "./attributes";
import type { Block } from "./rule";

const MIB = 2 ** 20;
const NANO_TO_QUOTA = 10_000;
const CPU_PERIOD = 100_000;

/** A `docker_service` under the names that a `docker_container` has; what a service cannot have is missing in it, for the rules to find. */
export function containerForm(service: Block, configs: Readonly<Record<string, Block>>): Block {
  const [task = {}] = blocksOf(service, "task_spec");
  const [container = {}] = blocksOf(task, "container_spec");
  const [limits = {}] = blocksOf(task, "resources").flatMap((resources) => blocksOf(resources, "limits"));
  const [log = {}] = blocksOf(task, "log_driver");
  const [restart = {}] = blocksOf(task, "restart_policy");
  const mounts = blocksOf(container, "mounts");
  const grace = Number.parseInt(String(container.stop_grace_period), 10);
  return {
    name: service.name,
    labels: service.labels,
    image: container.image,
    entrypoint: container.command,
    command: container.args,
    user: container.user,
    env: pairsOf(container, "env").map(([name, value]) => `${name}=${value}`),
    read_only: container.read_only,
    init: container.init,
    capabilities: { drop: textsOf(container, "cap_drop"), add: textsOf(container, "cap_add") },
    healthcheck: blocksOf(container, "healthcheck").map(withLongDurations),
    // the provider waits for what converges, and a replica converges when it is healthy
    wait: blocksOf(service, "converge_config").length > 0,
    networks_advanced: blocksOf(task, "networks_advanced").map(({ id, aliases }) => ({ name: id, aliases })),
    mounts: mounts.filter((mount) => memoryOf(mount) === undefined),
    tmpfs: Object.fromEntries(mounts.flatMap((mount) => (memoryOf(mount) === undefined ? [] : [[mount.target, memoryOf(mount)]]))),
    memory: Number(limits.memory_bytes) / MIB,
    cpu_period: CPU_PERIOD,
    cpu_quota: Number(limits.nano_cpus) / NANO_TO_QUOTA,
    log_driver: log.name,
    log_opts: log.options,
    restart: restart.condition === "any" ? "always" : restart.condition,
    stop_timeout: grace,
    destroy_grace_seconds: grace,
    ports: blocksOf(service, "endpoint_spec").flatMap((endpoint) =>
      blocksOf(endpoint, "ports").map(({ target_port, published_port }) => ({ internal: target_port, external: published_port })),
    ),
    upload: blocksOf(container, "configs").map(({ file_name, config_id }) => ({ file: file_name, content_base64: dataBehind(configs, config_id) })),
  };
}

/** The provider gives the durations of a service back as `1m`, and those of a container as `1m0s`. */
function withLongDurations(healthcheck: Block): Block {
  const long = (name: string) => (healthcheck[name] === undefined ? {} : { [name]: `${Duration.parse(String(healthcheck[name]))}` });
  return { ...healthcheck, ...long("interval"), ...long("timeout"), ...long("start_period") };
}

/** Options of a volume that is a directory in memory; nothing for another one. */
function memoryOf(mount: Block): string | undefined {
  const [driver = {}] = blocksOf(mount, "volume_options").flatMap((options) => blocksOf(options, "driver_options"));
  return driver.type === "tmpfs" ? String(driver.o) : undefined;
}

/** Text of the `docker_config` that `${docker_config.id.id}` refers to. */
function dataBehind(configs: Readonly<Record<string, Block>>, reference: unknown): unknown {
  const [, id = ""] = /^\$\{docker_config\.([\w-]+)\.id\}$/.exec(String(reference)) ?? [];
  return configs[id]?.data;
}
