import { compareText } from "../../../constructs/core/render";
import { loadEnvironment } from "../../environment/load";
import { BackupContainer } from "../../operations/backup/backup-container";
import { type BackupSet, readSets, type Sets } from "../../operations/backup/sets";
import { type Arguments, type Command, JSON_OPTION } from "../command";
import { heading, table } from "../output/layout";

export const command: Command = {
  group: "run",
  summary: "list the backup sets, on the host and at each remote",
  options: {
    json: JSON_OPTION,
    check: {
      description:
        "check all sets first: decrypt those on the host and compare them with their manifests, and read a tenth of the data of each remote; exit code 1 when one is damaged or a remote does not answer",
    },
  },
  run,
};

function run({ environment, directory, flags }: Arguments): number {
  const container = new BackupContainer(loadEnvironment(environment, directory));
  container.require();
  const good = !flags.has("check") || check(container);
  const sets = readSets(container.read("list.sh"));
  process.stdout.write(`${flags.has("json") ? JSON.stringify(sets, null, 2) : print(sets, environment, Date.now())}\n`);
  return good ? 0 : 1;
}

/** Whether every set and remote is whole; what is wrong goes to standard error, and the list is shown in any case. */
function check(container: BackupContainer): boolean {
  try {
    process.stderr.write(container.read("check.sh", "", "0", "sets"));
    return true;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return false;
  }
}

function print({ sets, absent }: Sets, environment: string, now: number): string {
  const rows = sets.map((set) => [set.name, set.place, age(now - Date.parse(set.made)), mebibytes(set.bytes), verification(set)]);
  return [
    heading("Sets, oldest first; times in UTC"),
    rows.length === 0 ? "  none yet" : table(["name", "place", "age", "size", "verified"], rows),
    ...absent.map(({ remote, reason }) => `  ${remote} does not answer: ${reason}`),
    ...sizes(sets),
    heading("Restore one"),
    `  npm run restore -- ${environment} latest`,
  ].join("\n");
}

/** Parts of the newest set whose parts are known, the largest first. */
function sizes(sets: readonly BackupSet[]): string[] {
  const known = sets.filter(({ parts }) => Object.keys(parts).length > 0).sort((a, b) => compareText(a.name, b.name));
  const newest = known.at(-1);
  if (newest === undefined) return [];
  const parts = Object.entries(newest.parts).sort(([, a], [, b]) => b - a);
  return [heading(`Parts of ${newest.name}, compressed`), table(["part", "size"], parts.map(([part, bytes]) => [part, mebibytes(bytes)]))]; // biome-ignore format: one thought
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function verification({ place, verified, good, check }: BackupSet): string {
  if (check !== undefined && (!check.good || good === undefined)) {
    if (check.good) return `checked ${check.at}`;
    return `DAMAGED${check.damaged.length > 0 ? ` (${check.damaged.join(", ")})` : ""} ${check.at}`;
  }
  const what = place === "local" ? "restored for a test" : "remote checked";
  if (good === undefined) return "not yet";
  return good ? `${what} ${verified}` : `FAILED${verified === undefined ? "" : ` ${verified}`}`;
}

function age(milliseconds: number): string {
  const hours = Math.floor(milliseconds / 3_600_000);
  if (hours < 1) return `${Math.max(0, Math.floor(milliseconds / 60_000))} min`;
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
