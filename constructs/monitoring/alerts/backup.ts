import { Duration } from "../../core/duration";
import { type Alert, type AlertFamily, type AlertSettings, containerName, ENVIRONMENT } from "../alert";
import { ALERT_SOURCES, missing } from "../alert-sources";

const HOUR = 3600;
const DAY = 24 * HOUR;
/** The remotes are checked once a week. */
const CHECK_DAYS = 8;
/** The backup writes its metrics, so that a moment that is missing there never came. */
const IS_READ = "on () backup_sets";
const LOG = `docker logs ${containerName("backup")}`;
const MAKE_ONE = `npm run backup -- ${ENVIRONMENT}`;

export const family: AlertFamily = {
  name: "backup",
  title: "Backups",
  alerts: (settings: AlertSettings) =>
    settings.backup === undefined
      ? []
      : [...local(settings), ...(settings.backup.remotes.length > 0 ? remote(settings.backup.remotes, settings) : []), ...drills(settings)],
};

function local({ thresholds: { backupHours } }: AlertSettings): Alert[] {
  return [
    {
      name: "BackupTooOld",
      severity: "critical",
      expression: `time() - backup_last_success_timestamp_seconds > ${backupHours * HOUR}`,
      summary: "The last good backup is {{ $value | humanizeDuration }} old",
      first: `Read ${LOG} for the reason, then make a backup: ${MAKE_ONE}.`,
    },
    {
      name: "BackupFailed",
      severity: "critical",
      expression: "backup_last_attempt_success == 0",
      summary: "The last backup failed",
      first: `Read ${LOG}: is the disk full, does the database answer? Then make a backup: ${MAKE_ONE}.`,
    },
    {
      name: "BackupNeverMade",
      severity: "critical",
      expression: `absent(backup_last_success_timestamp_seconds) and ${IS_READ}`,
      lasts: Duration.seconds(backupHours * HOUR),
      job: ALERT_SOURCES.backup.job,
      summary: "No backup was ever made",
      first: `Make one: ${MAKE_ONE}. If it fails, read ${LOG}.`,
    },
    {
      name: "BackupUnknown",
      severity: "critical",
      expression: missing(ALERT_SOURCES.backup),
      summary: "Metrics of the backup are missing: whether there is a good one is not known",
      first: `Does ${containerName("backup")} run (docker ps)? Read ${LOG}; npm run backups -- ${ENVIRONMENT} lists the backups that exist.`,
    },
    {
      name: "BackupSpaceLow",
      severity: "warning",
      expression: "backup_free_bytes < 2 * backup_size_bytes",
      summary: "The disk of the backups has room for fewer than two more",
      first: "Free space there, or reduce backup.keep and deploy.",
    },
  ];
}

function remote(remotes: readonly string[], { thresholds: { backupHours } }: AlertSettings): Alert[] {
  const never = remotes.map((name) => `absent(backup_remote_last_success_timestamp_seconds{remote="${name}"})`).join(" or ");
  return [
    {
      name: "RemoteBackupFailed",
      severity: "critical",
      expression: "backup_remote_success == 0 or backup_remote_check_success == 0",
      summary: "The last copy to the remote {{ $labels.remote }} failed, or was found damaged",
      first: `Read ${LOG}: credentials, free space at the remote? Then copy again: ${MAKE_ONE}.`,
    },
    {
      name: "RemoteBackupTooOld",
      severity: "critical",
      expression: `time() - backup_remote_last_success_timestamp_seconds > ${backupHours * HOUR}`,
      summary: "The last good copy at the remote {{ $labels.remote }} is {{ $value | humanizeDuration }} old",
      first: `Read ${LOG}, then copy again: ${MAKE_ONE}. Until it works, a loss of this host loses the newest changes.`,
    },
    {
      name: "RemoteBackupNeverMade",
      severity: "critical",
      expression: `(${never}) and ${IS_READ}`,
      lasts: Duration.seconds(backupHours * HOUR),
      job: ALERT_SOURCES.backup.job,
      summary: "No backup was ever copied to the remote {{ $labels.remote }}",
      first: `Copy one: ${MAKE_ONE}. If it fails, read ${LOG}.`,
    },
    {
      name: "RemoteCheckTooOld",
      severity: "warning",
      expression: `time() - backup_remote_check_last_success_timestamp_seconds > ${CHECK_DAYS * DAY}`,
      summary: "The remote {{ $labels.remote }} was last checked {{ $value | humanizeDuration }} ago",
      first: `Check it now: docker exec ${containerName("backup")} sh /etc/backup/check.sh. If it fails, read its output.`,
    },
  ];
}

function drills({ thresholds: { drillDays } }: AlertSettings): Alert[] {
  const drill = `docker exec ${containerName("backup")} sh /etc/backup/drill.sh`;
  return [
    {
      name: "DrillFailed",
      severity: "critical",
      expression: "backup_drill_success == 0",
      summary: "A backup was restored for a test, and the test failed",
      first: `Run the test again and read its output: ${drill}. Until it succeeds, assume that you have no backup.`,
    },
    {
      name: "DrillTooOld",
      severity: "warning",
      expression: `time() - backup_drill_last_success_timestamp_seconds > ${drillDays * DAY}`,
      summary: "A backup was last restored for a test {{ $value | humanizeDuration }} ago",
      first: `Run the test: ${drill}.`,
    },
    {
      name: "DrillNeverMade",
      severity: "warning",
      expression: `absent(backup_drill_last_success_timestamp_seconds) and ${IS_READ}`,
      lasts: Duration.seconds(drillDays * DAY),
      job: ALERT_SOURCES.backup.job,
      summary: "No backup was ever restored for a test",
      first: `Run the test: ${drill}. If it fails, read its output.`,
    },
  ];
}
