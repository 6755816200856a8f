import { totalmem } from "node:os";
import type { ContainerSummary, Summary } from "../../operations/summary";
import { columns, cut, emphasized, heading, table, wrap } from "./layout";
import { networksOf, shortDigest } from "./print-summary";

/** Columns of the screen that a preview has to fit. */
const WIDTH = 100;
const IMAGE_WIDTH = 48;
/** Records that are shown by name; of more, the number. */
const RECORDS = 4;

/**
 * What a deploy would create, on one screen of 100 columns and about 40 lines; `printSummary` prints every table.
 *
 * `machineMiB` is the memory of the Docker host when it is this machine.
 */
export function printPreview(summary: Summary, machineMiB = totalmem() / 2 ** 20): string {
  const { environment, dockerHost, urls } = summary;
  const count = (kind: ContainerSummary["kind"]) => summary.containers.filter((container) => container.kind === kind).length;
  const lines = [
    `${emphasized("bold", environment)} is ready to deploy to ${dockerHost}. Nothing has been changed.`,
    heading("Addresses"),
    columns(Object.entries(urls)),
    heading("Changes"),
    columns(changes(summary)),
    heading(`Containers: ${count("service")} services, ${count("job")} one-off jobs before them; ${memory(summary, machineMiB)}`),
    table(["name", "networks", "memory", "image"], summary.containers.filter(({ kind }) => kind === "service").map(row)),
    ...warnings([...memoryWarnings(summary, machineMiB), ...summary.warnings]),
    heading("Next"),
    columns([
      [`npm run deploy -- ${environment}`, "create all of this"],
      [`npm start -- ${environment} --all`, "show users, writable paths, volumes, secrets, policy exemptions"],
    ]),
  ];
  return lines
    .join("\n")
    .split("\n")
    .flatMap((line) => wrap(line, WIDTH, 2))
    .join("\n");
}

/** What is there after a deploy, besides the containers. */
function changes({ host, published, outbound, records, volumes, secrets, exemptions }: Summary): (readonly [string, string])[] {
  const kept = volumes.filter((volume) => volume.protected).length;
  return [
    ["host", host === undefined ? "not changed" : `${host.machine} is hardened: ${host.parts.length} parts (${host.parts.join(", ")})`],
    ["published", published.join(", ") || "nothing"],
    ["outbound", outbound.length === 0 ? "the wiki reaches no server outside" : `the wiki reaches ${outbound.join(", ")}`],
    ...(records.length === 0 ? [] : [["DNS", recordsOf(records)] as const]),
    ["volumes", `${volumes.length} with data, ${kept === volumes.length ? "all" : kept === 0 ? "none" : kept} protected from Terraform's destroy`],
    ["secrets", `${secrets.names.length}, in ${secrets.place}`],
    ["exemptions", exemptionCounts(exemptions)],
  ];
}

function recordsOf(records: Summary["records"]): string {
  const shown = records.slice(0, RECORDS).map(({ type, name }) => `${type} ${name}`);
  return `${records.length} records: ${shown.join(", ")}${records.length > RECORDS ? ", …" : ""}`;
}

/** Policy exemptions by rule; those of rules with one alone are counted together. */
function exemptionCounts(exemptions: Summary["exemptions"]): string {
  const counts = new Map<string, number>();
  for (const { rule } of exemptions) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  const several = [...counts].filter(([, count]) => count > 1).sort(([, first], [, other]) => other - first);
  const others = exemptions.length - several.reduce((sum, [, count]) => sum + count, 0);
  return [...several.map(([rule, count]) => `${rule} ${count}`), ...(others > 0 ? [`others ${others}`] : [])].join(", ") || "none";
}

function row(container: ContainerSummary): string[] {
  return [container.name, networksOf(container), `${container.memoryMiB}M`, cut(lockedImage(container.image), IMAGE_WIDTH)];
}

/** The sum of the limits, against what the machine has where that is known. */
function memory({ memoryMiB, dockerHost }: Summary, machineMiB: number): string {
  return `${memoryMiB}M in all; ${isThisMachine(dockerHost) ? `this machine has ${Math.floor(machineMiB)}M` : "the Docker host needs as much"}`;
}

function isThisMachine(dockerHost: string): boolean {
  return dockerHost.startsWith("unix://");
}

function memoryWarnings({ memoryMiB, dockerHost }: Summary, machineMiB: number): string[] {
  if (!isThisMachine(dockerHost) || memoryMiB <= machineMiB) return [];
  return [`memory limits add up to ${memoryMiB}M, which is more than this machine has: under load, containers are killed`];
}

function warnings(texts: readonly string[]): string[] {
  return texts.length === 0 ? [] : [heading("Warnings"), ...texts.map((text) => `  - ${text}`)];
}

/** The tag, and that its digest is locked: both in full make a row longer than a line. */
function lockedImage(image: string): string {
  const [, tagged] = /^(.+:[^:@]+)@sha256:[0-9a-f]+$/.exec(image) ?? [];
  return tagged === undefined ? shortDigest(image) : `${tagged} (locked)`;
}
