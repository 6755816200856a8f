import { plannedContainers } from "../../../constructs/policy/check";
import type { WikiStack } from "../../stack/wiki-stack";
import { columns, emphasized, heading, wrap } from "./layout";

/** What Terraform would do with one resource. */
export type PlannedAction = "create" | "update" | "replace" | "delete" | "read" | "move" | "import" | "remove" | "forget";

/** Terraform's address → what it would do. */
export type PlannedChanges = ReadonlyMap<string, string>;

const WORDS: Readonly<Record<string, string>> = { create: "add", update: "change", replace: "replace", delete: "delete" };
const WIDTH = 100;
/** Lines of names for one kind of change. */
const MOST_LINES = 4;

/** A plan on one screen: how many resources change and how, which services are down meanwhile, and what is deleted. */
export function printPlan(stack: WikiStack, environment: string, changes: PlannedChanges): string {
  const counted = countedOf(changes);
  if (counted.length === 0) return `${emphasized("bold", environment)}: no changes. What is deployed is what the environment file says.`;
  return [
    `${emphasized("bold", environment)}: ${countsOf(counted)}. Nothing has been changed.`,
    ...effects(stack, counted),
    heading("Next"),
    columns([
      [`npm run deploy -- ${environment}`, "apply these changes"],
      [`npm run plan -- ${environment} --full`, "show every attribute, as Terraform prints it"],
    ]),
  ].join("\n");
}

/** What a plan changes, what is down meanwhile, and what is deleted; no line when nothing changes. */
export function describeChanges(stack: WikiStack, changes: PlannedChanges): string[] {
  const counted = countedOf(changes);
  return counted.length === 0 ? [] : [`${countsOf(counted)}.`, ...effects(stack, counted)];
}

type Counted = readonly (readonly [address: string, action: string])[];

function countedOf(changes: PlannedChanges): Counted {
  return [...changes].filter(([, action]) => WORDS[action] !== undefined).map(([address, action]) => [withoutKey(address), action] as const);
}

function countsOf(counted: Counted): string {
  return Object.entries(WORDS)
    .map(([action, word]) => `${counted.filter(([, planned]) => planned === action).length} to ${word}`)
    .join(", ");
}

function effects(stack: WikiStack, counted: Counted): string[] {
  const names = namesOf(stack);
  return [...groups(counted, names), ...downtime(stack, new Map(counted)), ...deleted(counted, names)];
}

/** Names by kind of resource, one line for each kind and action. */
function groups(changes: readonly (readonly [string, string])[], names: ReadonlyMap<string, string>): string[] {
  return Object.entries(KINDS).flatMap(([type, title]) => {
    const here = changes.filter(([address]) => kindOf(address) === type);
    if (here.length === 0) return [];
    const rows = Object.entries(WORDS).flatMap(([action, word]) => {
      const found = here.filter(([, planned]) => planned === action).map(([address]) => names.get(address) ?? address);
      return found.length === 0 ? [] : [`  ${word.padEnd(8)} ${[...new Set(found)].join(", ")}`];
    });
    return [heading(title), ...rows.flatMap((row) => wrap(row, WIDTH, MOST_LINES))];
  });
}

const KINDS: Readonly<Record<string, string>> = {
  null_resource: "Host parts",
  cloudflare_dns_record: "DNS records",
  docker_container: "Containers",
  docker_volume: "Volumes",
  docker_network: "Networks",
  docker_image: "Images",
  other: "Other",
};

function kindOf(address: string): string {
  const type = address.slice(0, address.indexOf("."));
  return KINDS[type] === undefined ? "other" : type;
}

/** Which running services stop, and for how long at most. */
function downtime(stack: WikiStack, changes: PlannedChanges): string[] {
  const stopped = plannedContainers(stack).filter(
    ({ kind, construct }) => kind === "service" && ["replace", "delete"].includes(changes.get(`docker_container.${construct.friendlyUniqueId}`) ?? ""),
  );
  if (stopped.length === 0) return [];
  const rows = stopped.map(({ name, attributes }) => {
    const { stop_timeout: stop, wait_timeout: wait } = attributes as { stop_timeout?: number; wait_timeout?: number };
    return [name, `usually seconds; at most ${stop ?? 10} s to stop and ${wait ?? 60} s until it is healthy`] as const;
  });
  return [heading("Down while they are replaced"), columns(rows)];
}

/** Data volumes that would be deleted, to be shown prominently. */
function deleted(changes: readonly (readonly [string, string])[], names: ReadonlyMap<string, string>): string[] {
  const gone = changes.filter(([address, action]) => address.startsWith("docker_volume.") && (action === "delete" || action === "replace"));
  const data = gone.map(([address]) => names.get(address) ?? address).filter((name) => name !== FILES);
  return data.length === 0 ? [] : ["", emphasized("red", `DATA WOULD BE DELETED: ${data.join(", ")}`)];
}

/** The address of a resource without the key of an instance: `docker_volume.Config["4f1c…"]`. */
function withoutKey(address: string): string {
  return address.replace(/\[.*\]$/, "");
}

/** Placeholder for config volumes and config containers, which are recreated with each change. */
const FILES = "configuration files";

/** Terraform's address → the name on the host. */
function namesOf(stack: WikiStack): ReadonlyMap<string, string> {
  const resources: Record<string, Record<string, { name?: string; for_each?: unknown }>> = stack.toTerraform().resource;
  const named = Object.entries(resources).flatMap(([type, of]) =>
    Object.entries(of).map(([id, { name, for_each: many }]) => [`${type}.${id}`, many === undefined ? (name ?? id) : FILES] as const),
  );
  const parts = stack.host?.names().map((part) => [stack.host?.address(part) ?? "", part] as const) ?? [];
  return new Map([...named, ...parts]);
}
