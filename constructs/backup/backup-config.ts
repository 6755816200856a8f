import type { BackedUpVolume } from "../contracts/backed-up";
import type { Schedule } from "../core/schedule";
import type { SecretText } from "../secrets/secret";
import type { BackupRemote } from "./backup-remote";
import { CONFIG_DIRECTORY } from "./places";

export { BACKUPS_DIRECTORY, CONFIG_DIRECTORY, METRICS_DIRECTORY, SCRATCH_DIRECTORY, SOURCES_DIRECTORY } from "./places";

/** When things are done, in the time zone of people. */
export interface BackupTimes {
  readonly backup: Schedule;
  /** The newest set is restored for a test. */
  readonly drill: Schedule;
  /** Remotes are checked. */
  readonly check: Schedule;
  /** IANA name. */
  readonly timezone: string;
}

/** How many snapshots a remote keeps: the newest, and one of each of so many days, weeks and months. */
export interface RemoteKeep {
  readonly last: number;
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
}

/** Seconds that a run of the scheduler waits for another one to end. */
const PATIENCE = 10_800;

/** What the scheduler reads. A script that is still busy is not called a second time. */
export function renderCrontab({ backup, drill, check, timezone }: BackupTimes): string {
  return [
    `CRON_TZ=${timezone}`,
    `${backup.cron} sh ${CONFIG_DIRECTORY}/backup.sh ${PATIENCE}`,
    `${drill.cron} sh ${CONFIG_DIRECTORY}/drill.sh ${PATIENCE}`,
    `${check.cron} sh ${CONFIG_DIRECTORY}/check.sh "" ${PATIENCE}`,
    "",
  ].join("\n");
}

/** Name, owner and kind of each volume, a line each. */
export function renderSources(volumes: readonly BackedUpVolume[]): string {
  return lines(
    "name, owner, kind",
    volumes.map(({ volume, kind }) => [volume.node.id, volume.owner, kind].join("\t")),
  );
}

/** Name, kind, repository and options of restic of each remote, a line each. */
export function renderRemotes(remotes: readonly BackupRemote[]): string {
  return lines(
    "name, kind, repository, options",
    remotes.map(({ name, kind, repository, options }) => [name, kind, repository, ...(options.length > 0 ? [options.join(" ")] : [])].join("\t")),
  );
}

/** Names of the secrets that belong into a set, a line each. */
export function renderSecrets(secrets: readonly SecretText[]): string {
  return lines(
    "name",
    secrets.map(({ name }) => name),
  );
}

/** Words for `restic forget`. */
export function renderKeep({ last, daily, weekly, monthly }: RemoteKeep): string {
  return `--keep-last=${last} --keep-daily=${daily} --keep-weekly=${weekly} --keep-monthly=${monthly}`;
}

/** Begins with a comment: Docker's provider takes no empty file. */
function lines(fields: string, texts: readonly string[]): string {
  return [`# ${fields}`, ...[...texts].sort()].map((text) => `${text}\n`).join("");
}
