import type { ContainerSummary, Summary } from "../../operations/summary";
import { columns, emphasized, heading, table } from "./layout";

/** Everything that a deploy would create, in tables as wide as they are; `printPreview` is the short form. */
export function printSummary(summary: Summary): string {
  return [
    `${emphasized("bold", summary.environment)} is ready to deploy to ${summary.dockerHost}. Nothing has been changed.`,
    heading("Addresses"),
    columns(Object.entries(summary.urls)),
    ...host(summary),
    ...records(summary),
    heading("Containers"),
    containers(summary.containers.filter(({ kind }) => kind === "service")),
    heading("One-off jobs (run before the services)"),
    containers(summary.containers.filter(({ kind }) => kind === "job")),
    heading("Writable paths"),
    writes(summary.containers),
    heading("Networks"),
    networks(summary),
    heading("Servers outside that the wiki reaches"),
    `  ${summary.outbound.join(", ") || "none"}`,
    heading("Volumes with data"),
    table(
      ["name", "at destroy"],
      summary.volumes.map((volume) => [volume.name, volume.protected ? "protected" : "deleted with --with-data"]),
    ),
    heading(`Secrets, created on the Docker host and kept in ${summary.secrets.place}`),
    table(
      ["name", "kind", "read by"],
      summary.secrets.names.map(({ name, kind, services }) => [name, kind, services.join(", ")]),
    ),
    ...list(
      "Policy exemptions",
      summary.exemptions.map(({ rule, path, reason }) => `${rule}: ${path} (${reason})`),
    ),
    ...list(
      "Warnings",
      summary.warnings.map((warning) => emphasized("yellow", warning)),
    ),
    heading("Next"),
    `  npm run deploy -- ${summary.environment}`,
  ].join("\n");
}

function containers(summaries: readonly ContainerSummary[]): string {
  return table(
    ["name", "image", "user", "networks", "memory", "cpus", "published", "capabilities"],
    summaries.map((container) => [
      container.name,
      shortDigest(container.image),
      container.user,
      networksOf(container),
      `${container.memoryMiB}M`,
      `${container.cpus}`,
      container.published.join(", ") || "-",
      container.capabilities.join(", ") || "none",
    ]),
  );
}

function writes(summaries: readonly ContainerSummary[]): string {
  return table(
    ["name", "in volumes", "in memory"],
    summaries.map(({ name, writes: { volumes, memory } }) => [
      name,
      volumes.join(" ") || "-",
      memory.length > 3 ? `${memory.length} directories` : memory.join(" ") || "-",
    ]),
  );
}

function networks(summary: Summary): string {
  return table(
    ["name", "subnet", "gateway", "bridge", "route out"],
    summary.networks.map(({ name, subnet, subnet6, gateway, bridge, routable }) => [
      name,
      [subnet, ...(subnet6 === undefined ? [] : [subnet6])].join(", "),
      gateway,
      bridge ?? "-",
      routable ? "yes" : "no",
    ]),
  );
}

function host({ host: hardened }: Summary): string[] {
  return hardened === undefined ? [] : [heading(`Host parts, applied to ${hardened.machine}`), `  ${hardened.parts.join(", ")}`];
}

function records({ records: planned }: Summary): string[] {
  const rows = planned.map(({ type, name, content }) => [type, name, content]);
  return rows.length === 0 ? [] : [heading("DNS records"), table(["type", "name", "content"], rows)];
}

function list(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [heading(title), ...lines.map((line) => `  - ${line}`)];
}

/** As much of a digest as a person compares. */
export function shortDigest(image: string): string {
  return image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, "$1…");
}

/** Networks of a container by their short names, or what it has in their place. */
export function networksOf({ networks, networkMode }: ContainerSummary): string {
  return networkMode === "bridge" ? networks.map(short).join(", ") : networkMode;
}

/** A network without the namespace that all of them share. */
function short(network: string): string {
  return network.slice(network.lastIndexOf("-") + 1);
}
