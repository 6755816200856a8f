import { loadEnvironment } from "../../environment/load";
import { BackupContainer } from "../../operations/backup/backup-container";
import type { Arguments, Command } from "../command";

export const command: Command = {
  group: "run",
  summary: "make a backup set now, as the schedule does each night, and copy it to the remotes",
  run,
};

function run({ environment, directory }: Arguments): number {
  const container = new BackupContainer(loadEnvironment(environment, directory));
  container.require();
  container.run("backup.sh");
  return 0;
}
