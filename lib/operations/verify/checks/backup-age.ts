import { containerName } from "../../../stack/names";
import { type BackupMetrics, backupMetrics, WITHOUT_BACKUP } from "../backup-metrics";
import { type Check, type Finding, unknown } from "../check";
import { hasService, type Target } from "../target";

export const check: Check = {
  name: "backup-age",
  promise: "the last backup is not older than backupHours, and every remote has it",
  skip: (target) => (hasService(target, "backup") ? undefined : WITHOUT_BACKUP),
  async run(target) {
    const metrics = await backupMetrics(target);
    return [...last(target, metrics), ...remotes(target, metrics)];
  },
};

function last({ environment: { name, alerts } }: Target, metrics: BackupMetrics): Finding[] {
  const { backupHours } = alerts.thresholds;
  const remedy = `docker logs ${containerName(name, "backup")}`;
  const success = metrics.value("backup_last_attempt_success");
  const failed = success === 0 ? [{ problem: "the last attempt to make a backup failed", remedy }] : [];
  const hours = metrics.hoursSince("backup_last_success_timestamp_seconds");
  if (hours === undefined) {
    if (failed.length > 0) return failed;
    const never = "no backup was made yet";
    return metrics.isNewerThan(backupHours) ? [unknown(never, `make one: npm run backup -- ${name}`)] : [{ problem: never, remedy }];
  }
  return [
    ...(hours > backupHours ? [{ problem: `the last backup is ${Math.floor(hours)} hours old`, remedy }] : []),
    ...(success === undefined ? [unknown("the backup does not say how its last attempt ended", remedy)] : failed),
  ];
}

function remotes({ environment: { name, backup } }: Target, metrics: BackupMetrics): Finding[] {
  const remedy = `docker logs ${containerName(name, "backup")}`;
  const of = (metric: string, remote: string) => metrics.all(metric).find(({ labels }) => labels.remote === remote)?.value;
  return (backup.remotes ?? []).flatMap((remote) => {
    const reached = of("backup_remote_success", remote.name);
    return [
      ...(reached === 0 ? [{ problem: `the remote ${remote.name} did not get the last backup`, remedy }] : []),
      ...(reached === undefined ? [unknown(`no backup was copied to the remote ${remote.name} yet`, `make one: npm run backup -- ${name}`)] : []),
      ...(of("backup_remote_check_success", remote.name) === 0 ? [{ problem: `the remote ${remote.name} was found damaged at its last check`, remedy }] : []),
    ];
  });
}
