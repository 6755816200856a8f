import type { UpgradePreview } from "../../operations/upgrade/upgrade";
import type { WikiStack } from "../../stack/wiki-stack";
import { emphasized, heading, wrap } from "./layout";
import { describeChanges } from "./print-plan";

const WIDTH = 100;
/** Lines of migrations that are named. */
const MOST_LINES = 6;
/** Digits of a digest that people compare. */
const DIGITS = 12;

/** What an upgrade changes: images with their digests, the database, migrations, containers and the downtime. */
export function printUpgrade(stack: WikiStack, environment: string, preview: UpgradePreview): string {
  const { planned, migrations, volumes } = preview;
  const plan = describeChanges(stack, planned);
  return [
    `${emphasized("bold", environment)}: ${plan[0] ?? "no changes."} Nothing has been changed yet.`,
    ...images(preview),
    heading("Database"),
    `  ${databaseLine(preview)}`,
    `  ${migrations.length === 0 ? "No schema migration of the wiki is pending." : `${migrations.length} schema ${migrations.length === 1 ? "migration of the wiki is" : "migrations of the wiki are"} pending:`}`,
    ...(migrations.length === 0 ? [] : wrap(`    ${migrations.join(", ")}`, WIDTH, MOST_LINES)),
    ...plan.slice(1),
    ...(volumes.length === 0 ? [] : [heading("Copied while the wiki is stopped, to put them back if the upgrade fails"), `  ${volumes.join(", ")}`]),
    "",
  ].join("\n");
}

function images({ changes }: UpgradePreview): string[] {
  if (changes.length === 0) return [heading("Images"), "  unchanged"];
  const pairs = new Map<string, string[]>();
  for (const { container, from, to } of changes) {
    const pair = `${from.name} (${digest(from)}) → ${to.name} (${digest(to)})`;
    pairs.set(pair, [...(pairs.get(pair) ?? []), container]);
  }
  return [heading("Images"), ...[...pairs].flatMap(([pair, containers]) => [`  ${containers.join(", ")}`, `    ${pair}`])];
}

function digest({ id, digests: [first] }: UpgradePreview["changes"][number]["from"]): string {
  return first === undefined ? `image ${id.replace("sha256:", "").slice(0, DIGITS)}` : `digest ${first.replace(/^.*@sha256:/, "").slice(0, DIGITS)}`;
}

function databaseLine({ database }: UpgradePreview): string {
  if (database === undefined) return "on another server";
  const [from, to] = database;
  return from === to ? `MySQL ${from}, unchanged` : `MySQL ${from} → ${to}, which converts the data`;
}
