import { blocksOf, textsOf } from "../../../constructs/policy/attributes";
import type { Inspected, Planned } from "./target";

const MEBIBYTE = 2 ** 20;

/** In which settings a container is not what was planned: what it is, and what it should be. */
export function differences({ attributes, networks, volumes }: Planned, { Config, HostConfig: host, Mounts, NetworkSettings }: Inspected): string[] {
  const [capabilities = {}] = blocksOf(attributes, "capabilities");
  const mode = attributes.network_mode === undefined ? undefined : String(attributes.network_mode);
  return [
    ...differs("user", Config.User, String(attributes.user ?? "")),
    ...differs("read-only root", host.ReadonlyRootfs, attributes.read_only === true),
    ...differs("privileged", host.Privileged, false),
    ...differsInSet("capabilities", names(host.CapAdd), names(textsOf(capabilities, "add"))),
    ...differsInSet("dropped capabilities", names(host.CapDrop), names(textsOf(capabilities, "drop"))),
    ...differsInSet("security options", host.SecurityOpt ?? [], textsOf(attributes, "security_opts")),
    ...differs("memory", host.Memory / MEBIBYTE, Number(attributes.memory)),
    ...differs("memory and swap", host.MemorySwap / MEBIBYTE, Number(attributes.memory_swap)),
    ...differs("processors", host.CpuQuota / host.CpuPeriod, Number(attributes.cpu_quota) / Number(attributes.cpu_period)),
    ...differs("process namespace", host.PidMode, String(attributes.pid_mode ?? "")),
    ...differs("restart", host.RestartPolicy.Name, String(attributes.restart)),
    ...(mode === undefined ? differsInSet("networks", Object.keys(NetworkSettings.Networks), networks) : differs("network mode", host.NetworkMode, mode)),
    ...differsInSet("ports", bound(host.PortBindings), planned(attributes)),
    ...differsInSet("mounts", Mounts.filter(({ Type }) => Type !== "tmpfs").map(mountOf), plannedMounts(attributes, volumes)),
  ];
}

function differs(what: string, is: unknown, wanted: unknown): string[] {
  return is === wanted ? [] : [`${what} is ${shown(is)}, not ${shown(wanted)}`];
}

function differsInSet(what: string, is: readonly string[], wanted: readonly string[]): string[] {
  const more = is.filter((entry) => !wanted.includes(entry));
  const missing = wanted.filter((entry) => !is.includes(entry));
  return [
    ...(more.length > 0 ? [`${what} hold ${more.join(", ")}, which is not planned`] : []),
    ...(missing.length > 0 ? [`${what} lack ${missing.join(", ")}`] : []),
  ];
}

function shown(value: unknown): string {
  return value === "" ? "nothing" : String(value);
}

/** Newer engines return names with their prefix, older ones as written. */
function names(capabilities: readonly string[] | null): string[] {
  return (capabilities ?? []).map((name) => (name === "ALL" || name.startsWith("CAP_") ? name : `CAP_${name}`));
}

function bound(bindings: Inspected["HostConfig"]["PortBindings"]): string[] {
  return Object.entries(bindings ?? {}).flatMap(([port, hosts]) => (hosts ?? []).map(({ HostIp, HostPort }) => `${HostIp}:${HostPort} to ${port}`));
}

function planned(attributes: Planned["attributes"]): string[] {
  return blocksOf(attributes, "ports").map(({ ip, external, internal, protocol }) => `${ip}:${external} to ${internal}/${protocol ?? "tcp"}`);
}

function mountOf({ Type, Name, Source, Destination, RW }: Inspected["Mounts"][number]): string {
  return `${Type === "volume" ? Name : Source} at ${Destination}${RW ? "" : " (read-only)"}`;
}

/** A reference to another resource of the plan. */
const REFERENCE = /^\$\{docker_volume\./;

/** `volumes` are those behind the references, in their order. */
function plannedMounts(attributes: Planned["attributes"], volumes: Planned["volumes"]): string[] {
  const referred = [...volumes];
  return blocksOf(attributes, "mounts").map(({ source, target, read_only }) => {
    const name = REFERENCE.test(String(source)) ? referred.shift()?.name : source;
    return `${name} at ${target}${read_only === true ? " (read-only)" : ""}`;
  });
}
