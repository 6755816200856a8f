import { randomBytes } from "node:crypto";
import { assetText } from "../../../constructs/core/asset";
import { GID, USER } from "../../../constructs/database/database";
import { ACCOUNTS_JOB, ACCOUNTS_SCRIPT } from "../../../constructs/database/external-database";
import { LABEL } from "../../../constructs/docker/labels";
import { resourceName } from "../../../constructs/docker/resource-name";
import type { ContainerState, Docker } from "../../clients/docker/docker";
import { HARDENED } from "../../clients/docker/hardened";
import { containerName, networkName } from "../../stack/names";
import { readOnlyMounts } from "./restore-container";

/** Creates the database account of a restore, with a new password, or drops it; the password. */
export function restoreAccount(docker: Docker, namespace: string, step: "grant" | "drop"): string {
  const password = randomBytes(24).toString("hex");
  const accounts = docker.inspect(containerName(namespace, ACCOUNTS_JOB));
  const args = accounts ? asAdministrator(accounts, namespace, step) : inDatabase(namespace, step);
  docker.output(args, `${password}\n`);
  return password;
}

function inDatabase(namespace: string, step: string): string[] {
  return ["exec", "--interactive", containerName(namespace, "bookstack-db"), "sh", "-c", assetText("database/assets/restore-account.sh"), "sh", step];
}

/** A container like the job that creates the accounts of a database on another machine, with the same secrets. */
function asAdministrator({ Image, Config, HostConfig, Mounts }: ContainerState, namespace: string, step: string): string[] {
  return [
    "run",
    "--rm",
    "--interactive",
    `--name=${resourceName(namespace, "restore-account")}`,
    `--label=${LABEL.namespace}=${namespace}`,
    "--log-driver=none",
    ...HARDENED,
    "--init",
    `--user=${USER}`,
    `--tmpfs=/tmp:rw,noexec,nosuid,nodev,size=1m,mode=0700,uid=${GID},gid=${GID}`,
    `--memory=${HostConfig.Memory}`,
    `--memory-swap=${HostConfig.Memory}`,
    `--network=${networkName(namespace, "database")}`,
    ...(HostConfig.ExtraHosts ?? []).map((host) => `--add-host=${host}`),
    ...Config.Env.filter((line) => line.startsWith("DB_")).map((line) => `--env=${line}`),
    ...readOnlyMounts(Mounts),
    "--entrypoint=sh",
    Image,
    ACCOUNTS_SCRIPT,
    step,
  ];
}
