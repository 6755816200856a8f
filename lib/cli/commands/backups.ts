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
    check: { description: "check each remote first, and read a tenth of its data; exit code 1 when one is damaged or does not answer" },
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

/** Whether every remote is whole; what is wrong goes to standard error, and the list is shown in any case. */
function check(container: BackupContainer): boolean {
  try {
    process.stderr.write(container.read("check.sh"));
    return true;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return false;
  }
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
