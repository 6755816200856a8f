import { join } from "node:path";
import { discover } from "../core/discover";
import type { Duration } from "../core/duration";
import { EXPLAINED_BY } from "./explained-by";
import type { KeyMetric } from "./key-metrics";
import { seconds } from "./promql";

/** `critical`: act now. `warning`: act today. */
export type Severity = "critical" | "warning";

/** A state that operators must know about. */
export interface Alert {
  /** Words run together: `BackupTooOld`. */
  readonly name: string;
  readonly severity: Severity;
  /** PromQL that gives one series for each thing that is wrong, and nothing while all is well. */
  readonly expression: string;
  /** How long it has to be so. @default - as long as the settings say */
  readonly lasts?: Duration;
  /** Job that it is about, where the expression does not say so: while that cannot be read, the alert is held back. */
  readonly job?: string;
  /** What is wrong, in one line; `{{ $labels.container }}` and `{{ $value }}` are filled in. */
  readonly summary: string;
  /** What to do first. */
  readonly first: string;
  readonly metric?: KeyMetric;
}

/** Values from which on something is worth an alert. */
export interface Thresholds {
  readonly cpuPercent: number;
  readonly memoryPercent: number;
  readonly swapPercent: number;
  readonly diskPercent: number;
  /** Hours within which a disk may not be about to fill up. */
  readonly diskHours: number;
  readonly clockSeconds: number;
  readonly restarts: number;
  readonly connectionsPercent: number;
  readonly slowQueries: number;
  readonly queryTime: Duration;
  readonly replicationLag: Duration;
  readonly responseTime: Duration;
  readonly errorPercent: number;
  readonly failedLogins: number;
  readonly bans: number;
  readonly firewallBlocks: number;
  readonly certificateDays: number;
  readonly backupHours: number;
  readonly drillDays: number;
}

/** What decides which alerts there are, and when they are raised. */
export interface AlertSettings {
  /** Name of the environment: names of its containers begin with it. */
  readonly environment: string;
  /** How long something has to be wrong. */
  readonly pending: Duration;
  /** Time over which events are counted, and averages taken. */
  readonly window: Duration;
  /** Time between two reads of a source. */
  readonly interval: Duration;
  readonly thresholds: Thresholds;
  /** Whether there are backups, and names of the remotes; what is not there raises no alert. */
  readonly backup?: { readonly remotes: readonly string[] };
  /** Every certificate that there is, by the name that metrics call it; one of which nothing is known raises an alert. */
  readonly certificates: readonly string[];
  /** Whether the host is hardened, and tells what it sees. */
  readonly host: boolean;
  /** Host name of the database server on another machine. @default - the database is a container */
  readonly externalDatabase?: string;
  /** Whether another host follows the database and the files. @default false */
  readonly standby?: boolean;
  /** Services that have to be there; asked when the rules are rendered, because the monitoring is not made last. */
  readonly containers: () => readonly string[];
  /** `https://…` of Grafana, for links. */
  readonly grafana: string;
}

/** Alerts about one thing; a file below `alerts/` exports one as `family`. */
export interface AlertFamily {
  readonly name: string;
  readonly title: string;
  readonly alerts: (settings: AlertSettings) => readonly Alert[];
}

export const ALERT_FAMILIES = (): readonly AlertFamily[] => discover<AlertFamily>(join(__dirname, "alerts"), "family");

/** Always raised: its receiver knows that other alerts would arrive, too. */
export const WATCHDOG = "Watchdog";
/** A source of metrics cannot be read: what else is known of it is old. */
export const TARGET_DOWN = "TargetDown";
/** The database is down: errors of the wiki follow from it. */
export const DATABASE_DOWN = "DatabaseDown";

/** A container does not run, or does not exist: its metrics cannot be read either. */
export const CONTAINER_DOWN = "ContainerDown";
export const CONTAINER_MISSING = "ContainerMissing";
/** A file with metrics cannot be read: what is in it is missing. */
export const METRICS_UNREADABLE = "MetricsUnreadable";
/** What the names of alerts about a source that lacks metrics end with. */
export const UNKNOWN = "Unknown";

/** Placeholder for the name of the environment in the texts of alerts. */
export const ENVIRONMENT = "<environment>";

/** Name of the container of a service, the same way. */
export function containerName(service: string): string {
  return `${ENVIRONMENT}-${service}`;
}

/** Where it is written what each alert means. */
export const ALERTS_DOCUMENT = "docs/alerts.md";

/** Every alert that there is with `settings`. */
export function alertsOf(settings: AlertSettings): Alert[] {
  return ALERT_FAMILIES().flatMap((family) => alertsOfFamily(family, settings));
}

/** Those of one family, with the names of what they are about. */
export function alertsOfFamily({ alerts }: AlertFamily, settings: AlertSettings): Alert[] {
  const named = (text: string) => text.replaceAll(ENVIRONMENT, settings.environment);
  return alerts(settings).map((alert) => ({ ...alert, summary: named(alert.summary), first: named(alert.first) }));
}

/** `alerts.yml`: every alert, as Prometheus reads it. */
export function renderAlerts(settings: AlertSettings): object {
  const groups = ALERT_FAMILIES().map((family) => ({
    name: family.name,
    rules: alertsOfFamily(family, settings).map((alert) => renderAlert(alert, family.name, settings)),
  }));
  return { groups: groups.filter(({ rules }) => rules.length > 0) };
}

function renderAlert({ name, severity, expression, lasts, job, summary, first }: Alert, family: string, { pending, grafana }: AlertSettings): object {
  const duration = lasts ?? pending;
  return {
    alert: name,
    expr: expression,
    ...(duration.seconds > 0 ? { for: seconds(duration) } : {}),
    // what comes and goes is one alert, not one message after the other
    ...(name === WATCHDOG ? {} : { keep_firing_for: seconds(pending) }),
    labels: { severity, family, ...(job === undefined ? {} : { job }) },
    annotations: { summary, first, more: `${ALERTS_DOCUMENT}#${name.toLowerCase()}`, dashboard: `${grafana}/d/${EXPLAINED_BY[family]?.id}` },
  };
}
