import { loadEnvironment } from "../../environment/load";
import { BackupContainer } from "../../operations/backup/backup-container";
import { type BackupSet, readSets, type Sets } from "../../operations/backup/sets";
import { type Arguments, type Command, JSON_OPTION } from "../command";
import { heading, table } from "../output/layout";

export const command: Command = {
  group: "run",
  summary: "list the backup sets, on the host and at each remote",
  options: { json: JSON_OPTION },
  run,
};

function run({ environment, directory, flags }: Arguments): number {
  const container = new BackupContainer(loadEnvironment(environment, directory));
  container.require();
  const sets = readSets(container.read("list.sh"));
  process.stdout.write(`${flags.has("json") ? JSON.stringify(sets, null, 2) : print(sets, environment, Date.now())}\n`);
  return 0;
}

function print({ sets, absent }: Sets, environment: string, now: number): string {
  const rows = sets.map((set) => [set.name, set.place, age(now - Date.parse(set.made)), `${(set.bytes / 2 ** 20).toFixed(1)} MiB`, verification(set)]);
  return [
    heading("Sets, oldest first; times in UTC"),
    rows.length === 0 ? "  none yet" : table(["name", "place", "age", "size", "verified"], rows),
    ...absent.map(({ remote, reason }) => `  ${remote} does not answer: ${reason}`),
    heading("Restore one"),
    `  npm run restore -- ${environment} latest`,
  ].join("\n");
}

function verification({ place, verified, good }: BackupSet): string {
  const what = place === "local" ? "restored for a test" : "remote checked";
  if (good === undefined) return "not yet";
  return good ? `${what} ${verified}` : `FAILED${verified === undefined ? "" : ` ${verified}`}`;
}

function age(milliseconds: number): string {
  const hours = Math.floor(milliseconds / 3_600_000);
  if (hours < 1) return `${Math.max(0, Math.floor(milliseconds / 60_000))} min`;
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
