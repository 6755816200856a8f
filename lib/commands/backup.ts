import { BackupContainer } from "../backup/backup-container";
import { loadEnvironment } from "../environment/load";
import { readArguments } from "./arguments";

/** `npm run backup -- <environment>`: makes a set now, as the scheduler does each night, and brings it to the remotes. */
export function run(args: readonly string[]): number {
  const { environment, directory } = readArguments(args, { usage: "npm run backup -- <environment>" });
  const container = new BackupContainer(loadEnvironment(environment, directory));
  container.require();
  container.run("backup.sh");
  return 0;
}
