import { type BackupMetrics, backupMetrics, WITHOUT_BACKUP } from "../backup-metrics";
import type { Check, Finding } from "../check";
import { hasService } from "../subject";

/** One a day, and two hours for it to be made. */
const MOST_HOURS = 26;

export const check: Check = {
  name: "backup-age",
  promise: `a backup was made in the last ${MOST_HOURS} hours, and every remote has it`,
  skip: (subject) => (hasService(subject, "backup") ? undefined : WITHOUT_BACKUP),
  async run(subject) {
    const metrics = await backupMetrics(subject);
    return [...last(metrics), ...remotes(metrics)].map((problem): Finding => ({ problem, remedy: `docker logs ${subject.environment.name}-backup` }));
  },
};

function last(metrics: BackupMetrics): string[] {
  const hours = metrics.hoursSince("backup_last_success_timestamp_seconds");
  if (hours === undefined) return metrics.isNewerThan(MOST_HOURS) ? [] : ["no backup was ever made"];
  return [
    ...(hours > MOST_HOURS ? [`the last backup is ${Math.floor(hours)} hours old`] : []),
    ...(metrics.value("backup_last_attempt_success") === 0 ? ["the last attempt to make a backup failed"] : []),
  ];
}

function remotes(metrics: BackupMetrics): string[] {
  return ["backup_remote_success", "backup_remote_check_success"].flatMap((name) =>
    metrics.all(name).flatMap(({ labels, value }) => {
      const what = name === "backup_remote_success" ? "did not get the last backup" : "was found damaged at its last check";
      return value === 0 ? [`the remote ${labels.remote} ${what}`] : [];
    }),
  );
}
