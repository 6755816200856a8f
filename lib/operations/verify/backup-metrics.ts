import { type Sample, samplesOf } from "./metrics";
import { nameIn, type Target } from "./target";

export const WITHOUT_BACKUP = "this environment makes no backups";
/** File with what the backup says of itself, and the volume that it is in. */
const FILE = "backup.prom";
const VOLUME = "backup-metrics";
const HOUR = 60 * 60 * 1000;

/** What the backup says of itself. */
export interface BackupMetrics {
  /** Value of a metric without labels; nothing when it was never written. */
  value(name: string): number | undefined;
  all(name: string): readonly Sample[];
  /** Hours since a moment that a metric names; nothing when it never came. */
  hoursSince(name: string): number | undefined;
  /** Whether the backup was deployed so few hours ago that something need not have happened yet. */
  isNewerThan(hours: number): boolean;
}

/** Reads the metrics where the backup writes them. */
export async function backupMetrics(target: Target): Promise<BackupMetrics> {
  const container = nameIn(target, "backup");
  const [inspected] = await target.inside.inspect([container]);
  const directory = inspected?.Mounts.find(({ Name }) => Name === nameIn(target, VOLUME))?.Destination;
  if (inspected === undefined || directory === undefined) throw new Error("the backup is not there, or writes no metrics");
  const text = await target.inside.exec(container, ["sh", "-c", 'cat "$0" 2>/dev/null || :', `${directory}/${FILE}`]);
  const all = (name: string) => samplesOf(text, name);
  const value = (name: string) => all(name)[0]?.value;
  const hours = (moment: number) => (target.now().getTime() - moment) / HOUR;
  return {
    all,
    value,
    hoursSince: (name) => ((value(name) ?? 0) > 0 ? hours((value(name) ?? 0) * 1000) : undefined),
    isNewerThan: (most) => hours(Date.parse(inspected.Created)) < most,
  };
}
