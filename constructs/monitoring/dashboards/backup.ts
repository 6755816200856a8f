import type { Dashboard, DashboardSettings, Panel } from "../dashboard";
import { orZero } from "../promql";

/** Backups, where there are any. */
export const dashboard: Dashboard = {
  id: "backup",
  title: "Backup",
  about: "Whether the wiki could be brought back: backups, their copies elsewhere, and trials of restoring them.",
  rows: (settings: DashboardSettings): Readonly<Record<string, readonly Panel[]>> =>
    settings.backup ? { Backups: backups(), "Copies and trials": trials() } : {},
};

function backups(): Panel[] {
  return [
    {
      title: "Last good backup, age",
      kind: "stat",
      unit: "s",
      steps: [93_600, 180_000],
      queries: [{ expr: orZero("time() - backup_last_success_timestamp_seconds") }],
    },
    { title: "Last one succeeded", kind: "stat", unit: "bool_yes_no", steps: [1, 0.5], queries: [{ expr: orZero("backup_last_attempt_success") }] },
    { title: "Kept", kind: "stat", unit: "short", queries: [{ expr: orZero("backup_sets") }] },
    { title: "Room that is left", kind: "stat", unit: "bytes", queries: [{ expr: orZero("backup_free_bytes") }] },
    { title: "Size", kind: "timeseries", unit: "bytes", queries: [{ expr: orZero("backup_size_bytes"), legend: "last one" }] },
    { title: "Time it took", kind: "timeseries", unit: "s", queries: [{ expr: orZero("backup_duration_seconds"), legend: "last one" }] },
  ];
}

function trials(): Panel[] {
  return [
    {
      title: "Last good copy elsewhere, age",
      kind: "timeseries",
      unit: "s",
      queries: [{ expr: orZero("time() - backup_remote_last_success_timestamp_seconds"), legend: "{{remote}}" }],
    },
    { title: "Last trial of restoring succeeded", kind: "stat", unit: "bool_yes_no", steps: [1, 0.5], queries: [{ expr: orZero("backup_drill_success") }] },
    { title: "Last good trial, age", kind: "stat", unit: "s", queries: [{ expr: orZero("time() - backup_drill_last_success_timestamp_seconds") }] },
  ];
}
