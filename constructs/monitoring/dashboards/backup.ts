import { backupAgeTile } from "../common-panels";
import type { Dashboard, DashboardSettings } from "../dashboard";
import { type Panel, warning, YES_IS_GOOD } from "../panel";
import { HOST } from "../source";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Backups, where there are any. */
export const dashboard: Dashboard = {
  id: "backup",
  title: "Backup",
  about: "Whether the wiki can be restored: backups, their remote copies, and restore drills.",
  rows: (settings: DashboardSettings): Readonly<Record<string, readonly Panel[]>> =>
    settings.backup
      ? {
          Backups: backups(settings),
          "Restore drills": drills(settings),
          ...(settings.backup.remotes.length > 0 ? { "Remote copies": remotes(settings) } : {}),
        }
      : {},
};

function backups(settings: DashboardSettings): Panel[] {
  return [
    { ...backupAgeTile(settings), width: 6 },
    {
      title: "Last backup succeeded",
      kind: "stat",
      unit: "bool_yes_no",
      width: 6,
      steps: YES_IS_GOOD,
      about: "Whether the last attempt at a backup succeeded. No: read the log of the container backup.",
      queries: [HOST.value("min", "backup_last_attempt_success")],
    },
    {
      title: "Backups kept",
      kind: "stat",
      unit: "short",
      width: 6,
      about: "Backups that are kept on this host.",
      queries: [HOST.value("max", "backup_sets")],
    },
    {
      title: "Room for backups",
      kind: "stat",
      unit: "suffix:more",
      decimals: 0,
      width: 6,
      steps: { worse: "below", yellow: 2 },
      about: "How many backups of the size of the last one still fit on the disk. Yellow below 2.",
      queries: [HOST.value("min", "floor(backup_free_bytes / (backup_size_bytes > 0))")],
    },
    {
      title: "Size",
      kind: "timeseries",
      unit: "bytes",
      about: "Size of the last backup. A sudden drop means that something is missing in it.",
      queries: [HOST.events("backup_size_bytes", "last backup")],
    },
    {
      title: "Free space",
      kind: "timeseries",
      unit: "bytes",
      about: "Free space on the disk that holds the backups.",
      queries: [HOST.events("backup_free_bytes", "free")],
    },
    {
      title: "Duration",
      kind: "timeseries",
      unit: "s",
      width: 24,
      about: "How long the last backup took.",
      queries: [HOST.events("backup_duration_seconds", "last backup")],
    },
  ];
}

function drills({ thresholds: { drillDays } }: DashboardSettings): Panel[] {
  return [
    {
      title: "Last drill succeeded",
      kind: "stat",
      unit: "bool_yes_no",
      width: 6,
      steps: YES_IS_GOOD,
      about: "Whether the last restore drill succeeded: a backup is restored into a scratch database. No data: there was no drill yet.",
      queries: [HOST.value("min", "backup_drill_success")],
    },
    {
      title: "Last good drill",
      kind: "stat",
      unit: "s",
      width: 6,
      steps: warning(drillDays * DAY),
      about: `Age of the last restore drill that succeeded. Yellow from ${drillDays} days on (drillDays). No data: none has succeeded yet.`,
      queries: [HOST.value("max", "time() - backup_drill_last_success_timestamp_seconds")],
    },
    {
      title: "Duration of the last drill",
      kind: "stat",
      unit: "s",
      width: 12,
      about: "How long the last restore drill took: about what a real restore takes on this host.",
      queries: [HOST.value("max", "backup_drill_duration_seconds")],
    },
  ];
}

function remotes({ thresholds: { backupHours } }: DashboardSettings): Panel[] {
  return [
    {
      title: "Oldest remote copy",
      kind: "stat",
      unit: "s",
      width: 6,
      height: 8,
      steps: { worse: "above", yellow: 0.9 * backupHours * HOUR, red: backupHours * HOUR },
      about: `Age of the last good copy, at the remote where it is oldest. Red from ${backupHours} hours on (backupHours). No data: no copy has succeeded yet.`,
      queries: [HOST.value("max", "time() - backup_remote_last_success_timestamp_seconds")],
    },
    {
      title: "Age of remote copies",
      kind: "timeseries",
      unit: "suffix:hours",
      width: 18,
      about: "Age of the last good copy at each remote.",
      queries: [HOST.events("(time() - backup_remote_last_success_timestamp_seconds) / 3600", "{{remote}}")],
    },
  ];
}
