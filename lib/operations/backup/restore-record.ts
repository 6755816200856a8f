import { existsSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { resume } from "../../clients/docker/halt";
import { OperatorError } from "../../system/operator-error";
import { writeWhole } from "../../system/whole-file";
import { besideState } from "../root";
import type { BackupContainer } from "./backup-container";
import { removeRestoreContainer } from "./restore-container";

function recordOf(environment: string): string {
  return besideState(environment, "restore");
}

/** Writes down that data are being replaced; a process that is killed from here on leaves the file. */
export function beginReplacing(environment: string, set: string): void {
  writeWhole(recordOf(environment), `${JSON.stringify({ format: 1, environment, set, at: new Date().toISOString() })}\n`);
}

/** The data are whole: those of the set, or the previous ones. */
export function endReplacing(environment: string): void {
  rmSync(recordOf(environment), { force: true });
}

/** @throws OperatorError when a restore or an import was killed, or could not put the previous data back: the data may be of both. */
export function refuseHalfRestored(environment: string): void {
  if (!existsSync(recordOf(environment))) return;
  throw new OperatorError(
    `a restore or an import of ${environment} was interrupted; its data may be half replaced`,
    [
      `npm run restore -- ${environment}   # puts the previous data back, then restores the latest backup set`,
      `npm run backups -- ${environment}   # lists other sets, to be named in its place`,
      `rm ${basename(recordOf(environment))}   # only if no restore can run: the next command takes the data as they are`,
    ].join("\n"),
  );
}

/** After a restore or an import that was killed: ends its container, and starts the one of the backups. */
export function recoverHalfRestored(environment: string, { docker, name }: BackupContainer): void {
  if (!existsSync(recordOf(environment))) return;
  docker.require();
  removeRestoreContainer(docker, environment);
  if (docker.inspect(name) !== undefined) resume(docker, name);
}
