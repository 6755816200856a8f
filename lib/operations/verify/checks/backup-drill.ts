import { containerName } from "../../../stack/names";
import { backupMetrics, WITHOUT_BACKUP } from "../backup-metrics";
import { type Check, unknown } from "../check";
import { hasService } from "../target";

export const check: Check = {
  name: "backup-drill",
  promise: "the last test of a restore succeeded, and is not older than drillDays",
  skip: (target) => (hasService(target, "backup") ? undefined : WITHOUT_BACKUP),
  async run(target) {
    const metrics = await backupMetrics(target);
    const { drillDays } = target.environment.alerts.thresholds;
    const remedy = `docker logs ${containerName(target.environment.name, "backup")}; until it works, count on no backup`;
    const hours = metrics.hoursSince("backup_drill_last_success_timestamp_seconds");
    const failed = metrics.value("backup_drill_success") === 0 && metrics.value("backup_drill_last_attempt_timestamp_seconds") !== 0;
    if (failed) return [{ problem: "the last test of a restore failed", remedy }];
    const never = "no backup was restored for a test yet";
    if (hours === undefined) {
      const now = `run one: docker exec ${containerName(target.environment.name, "backup")} sh /etc/backup/drill.sh`;
      return metrics.isNewerThan(drillDays * 24) ? [unknown(never, now)] : [{ problem: never, remedy }];
    }
    return hours > drillDays * 24 ? [{ problem: `the last test of a restore was ${Math.floor(hours / 24)} days ago`, remedy }] : [];
  },
};
