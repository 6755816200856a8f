import { Duration } from "../../core/duration";
import type { Alert, AlertFamily, AlertSettings } from "../alert";

const HOUR = 3600;
const DAY = 24 * HOUR;

export const family: AlertFamily = {
  name: "backup",
  title: "Backups",
  alerts: (settings: AlertSettings) =>
    settings.backup === undefined ? [] : [...local(settings), ...(settings.backup.remote ? remote(settings) : []), ...drills(settings)],
};

function local({ thresholds: { backupHours } }: AlertSettings): Alert[] {
  return [
    {
      name: "BackupTooOld",
      severity: "critical",
      expression: `time() - backup_last_success_timestamp_seconds > ${backupHours * HOUR}`,
      summary: "The last good backup is {{ $value | humanizeDuration }} old",
      first: "Read the log of backup; start one by hand.",
    },
    {
      name: "BackupFailed",
      severity: "critical",
      expression: "backup_last_attempt_success == 0",
      summary: "The last backup failed",
      first: "Read the log of backup: room on the disk, the database's answer?",
    },
    {
      name: "BackupUnknown",
      severity: "critical",
      // after a first deploy there is none yet: a day and two hours is when it has to be there
      expression: "absent(backup_last_success_timestamp_seconds)",
      lasts: Duration.seconds(backupHours * HOUR),
      job: "node-exporter",
      summary: "Nothing is known of any backup",
      first: "Is the container backup running? Start a backup by hand.",
    },
    {
      name: "BackupSpaceLow",
      severity: "warning",
      expression: "backup_free_bytes < 2 * backup_size_bytes",
      summary: "There is room for less than two more backups",
      first: "Make room where backups lie, or keep fewer.",
    },
  ];
}

function remote({ thresholds: { backupHours } }: AlertSettings): Alert[] {
  return [
    {
      name: "RemoteBackupFailed",
      severity: "critical",
      expression: "backup_remote_success == 0 or backup_remote_check_success == 0",
      summary: "The last copy to {{ $labels.remote }} failed, or cannot be read back",
      first: "Read the log of backup: credentials, room at the other place?",
    },
    {
      name: "RemoteBackupTooOld",
      severity: "critical",
      expression: `time() - backup_remote_last_success_timestamp_seconds > ${backupHours * HOUR}`,
      summary: "The last good copy at {{ $labels.remote }} is {{ $value | humanizeDuration }} old",
      first: "Read the log of backup; nothing is safe from a fire until this works.",
    },
  ];
}

function drills({ thresholds: { drillDays } }: AlertSettings): Alert[] {
  return [
    {
      name: "DrillFailed",
      severity: "critical",
      expression: "backup_drill_success == 0",
      summary: "A backup was restored for a trial, and it did not work",
      first: "Read the log of the drill: until it works, count as one who has no backup.",
    },
    {
      name: "DrillTooOld",
      severity: "warning",
      expression: `time() - backup_drill_last_success_timestamp_seconds > ${drillDays * DAY}`,
      summary: "For {{ $value | humanizeDuration }} nobody has tried to restore a backup",
      first: "Start a drill.",
    },
  ];
}
