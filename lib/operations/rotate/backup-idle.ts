import { BACKUPS_DIRECTORY } from "../../../constructs/backup/backup-config";
import { containerName } from "../../stack/names";
import { OperatorError } from "../../system/operator-error";
import type { RotationContext } from "./context";

/**
 * Makes sure that no backup, check or test restore is going on: it would go on with the old secret.
 *
 * @throws OperatorError when one is.
 */
export function requireIdleBackup({ environment, docker }: Pick<RotationContext, "environment" | "docker">): void {
  const container = containerName(environment.name, "backup");
  if (docker.inspect(container)?.State.Running !== true) return;
  const { status } = docker.attempt(["exec", container, "flock", "--nonblock", `${BACKUPS_DIRECTORY}/.lock`, "true"]);
  if (status !== 0)
    throw new OperatorError("a backup, a check or a restore is going on", `wait for its end, then run the command again; docker top ${container}`);
}
