import type { FoundAttachment, FoundContainer } from "./engine";

type Values = Readonly<Record<string, unknown>>;
type Block = Readonly<Record<string, unknown>>;

/** Labels that start so are those of this project. */
const OWN_LABELS = "secure-bookstack.";

/**
 * In which of the settings that the Docker provider does not read a container is not what is planned.
 *
 * Everything else is compared by Terraform itself, when it refreshes the state. Values of variables are not shown.
 *
 * @param imageVariables variables that the image of the container sets.
 */
export function unreadDifferences(values: Values, found: FoundContainer, imageVariables: readonly string[]): string[] {
  return [
    ...(values.image === found.Image ? [] : ["it runs another image"]),
    ...variables(texts(values.env), found.Config.Env ?? [], imageVariables),
    ...labels(blocks(values.labels), found.Config.Labels ?? {}),
    ...networks(blocks(values.networks_advanced), found),
    ...volumes(blocks(values.volumes), found),
    ...limit("cpu_period", values.cpu_period ?? 0, found.HostConfig.CpuPeriod),
    ...limit("cpu_quota", values.cpu_quota ?? 0, found.HostConfig.CpuQuota),
    ...limit("cgroup_parent", values.cgroup_parent ?? "", found.HostConfig.CgroupParent),
  ];
}

function variables(planned: readonly string[], found: readonly string[], ofImage: readonly string[]): string[] {
  const names = planned.map(nameOf);
  const changed = planned.filter((line) => !found.includes(line)).map(nameOf);
  const added = found.filter((line) => !names.includes(nameOf(line)) && !ofImage.includes(line)).map(nameOf);
  return [...changed.map((name) => `variable ${name} is not what is planned`), ...added.map((name) => `variable ${name} is not planned`)];
}

function nameOf(line: string): string {
  return line.split("=")[0] ?? line;
}

function labels(planned: readonly Block[], found: Readonly<Record<string, string>>): string[] {
  const names = planned.map(({ label }) => String(label));
  const changed = planned.filter(({ label, value }) => value === undefined || found[String(label)] !== value).map(({ label }) => String(label));
  const added = Object.keys(found).filter((name) => name.startsWith(OWN_LABELS) && !names.includes(name));
  return [...changed, ...added].map((name) => `label ${name} is ${found[name] ?? "missing"}`);
}

/** A container that shares the network of the host, or has none, is on a network that is not planned by its id. */
function networks(planned: readonly Block[], { NetworkSettings, Id }: FoundContainer): string[] {
  if (planned.length === 0) return [];
  const found = Object.entries(NetworkSettings.Networks);
  const known = planned.map(({ name }) => name);
  const more = found.filter(([name, { NetworkID }]) => !known.includes(NetworkID) && !known.includes(name)).map(([name]) => `it is on the network ${name}`);
  return [
    ...more,
    ...planned.flatMap((block) => {
      const attachment = found.find(([name, { NetworkID }]) => block.name === NetworkID || block.name === name);
      return attachment === undefined ? ["it is not on a network that is planned"] : attached(block, attachment, Id);
    }),
  ];
}

function attached(block: Block, [network, { Aliases, IPAMConfig }]: [string, FoundAttachment], id: string): string[] {
  const found = (Aliases ?? []).filter((alias) => alias !== id.slice(0, 12)).sort();
  const planned = [...texts(block.aliases)].sort();
  return [
    ...(found.join() === planned.join() ? [] : [`its names on ${network} are ${found.join(", ") || "none"}`]),
    ...address(network, block.ipv4_address, IPAMConfig?.IPv4Address),
    ...address(network, block.ipv6_address, IPAMConfig?.IPv6Address),
  ];
}

function address(network: string, planned: unknown, found: string | undefined): string[] {
  return (planned ?? "") === (found ?? "") ? [] : [`its address on ${network} is ${found || "not fixed"}`];
}

function volumes(planned: readonly Block[], { Mounts }: FoundContainer): string[] {
  return planned.flatMap(({ volume_name: name, container_path: path }) =>
    Mounts.some((mount) => mount.Name === name && mount.Destination === path) ? [] : [`${path} is not the volume ${name}`],
  );
}

function limit(name: string, planned: unknown, found: unknown): string[] {
  return planned === found ? [] : [`${name} is ${found}`];
}

function blocks(value: unknown): readonly Block[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
