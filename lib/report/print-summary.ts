import { emphasized, heading, table } from "./layout";
import type { ContainerSummary, Summary } from "./summary";

/** A summary for a person at a terminal. */
export function printSummary(summary: Summary): string {
  return [
    `${emphasized("bold", summary.environment)} is ready to deploy to ${summary.dockerHost}. Nothing has been changed.`,
    heading("Address"),
    ...Object.values(summary.urls).map((url) => `  ${url}`),
    heading("Containers"),
    containers(summary.containers.filter(({ kind }) => kind === "service")),
    heading("Jobs that run once before them"),
    containers(summary.containers.filter(({ kind }) => kind === "job")),
    heading("What they may write"),
    writes(summary.containers),
    heading("Networks"),
    networks(summary),
    heading("Volumes with data"),
    table(
      ["name", ""],
      summary.volumes.map((volume) => [volume.name, volume.protected ? "protected" : "may be destroyed"]),
    ),
    heading(`Secrets, created on the Docker host and kept in ${summary.secrets.place}`),
    table(
      ["name", "kind", "read by"],
      summary.secrets.names.map(({ name, kind, services }) => [name, kind, services.join(", ")]),
    ),
    ...list(
      "Exceptions from the policy",
      summary.exceptions.map(({ rule, path, reason }) => `${rule}: ${path} (${reason})`),
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
    summaries.map(({ name, image, user, networks, memoryMiB, cpus, published, capabilities }) => [
      name,
      shortDigest(image),
      user,
      networks.map(short).join(", ") || "none",
      `${memoryMiB}M`,
      `${cpus}`,
      published.join(", ") || "-",
      capabilities.join(", ") || "none",
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
    summary.networks.map(({ name, subnet, gateway, bridge, routable }) => [name, subnet, gateway, bridge, routable ? "yes" : "no"]),
  );
}

function list(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [heading(title), ...lines.map((line) => `  - ${line}`)];
}

/** As much of a digest as a person compares. */
function shortDigest(image: string): string {
  return image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, "$1…");
}

/** A network without the namespace that all of them share. */
function short(network: string): string {
  return network.slice(network.lastIndexOf("-") + 1);
}
