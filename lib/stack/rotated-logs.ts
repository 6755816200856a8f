import { assetText } from "../../constructs/core/asset";
import { MYSQL_LOGS } from "../../constructs/database/mysql-config";
import type { RotatedLogs } from "../../constructs/docker/log-file";
import { AUTHELIA_LOGS } from "../../constructs/edge/authelia/authelia-config";
import { TRAEFIK_LOGS } from "../../constructs/edge/traefik/traefik-config";
import { BOOKSTACK_LOGS } from "../../constructs/wiki/bookstack-config";
import type { Environment } from "../environment/schema";

/** Every log that lies in a volume, by the service that writes it. */
export function rotatedLogs({ database }: Pick<Environment, "database">): readonly RotatedLogs[] {
  return [TRAEFIK_LOGS, AUTHELIA_LOGS, BOOKSTACK_LOGS, ...(database.external === undefined ? [MYSQL_LOGS] : [])];
}

/** The script that rotates `logs`, and its arguments; it runs in the container of the service. */
export function rotation({ directory, files, signal }: RotatedLogs): { readonly script: string; readonly args: readonly string[] } {
  return { script: assetText("docker/assets/rotate.sh"), args: [directory, signal ?? "none", ...files] };
}
