import { CERTIFICATE_SECONDS } from "./certificates";
import type { DashboardSettings } from "./dashboard";
import { critical, type Graph, type Tile } from "./panel";
import { containers, HOST, Source, TRAEFIK, WIKI } from "./source";

/** Requests to the wiki, as the edge counts them. */
export const REQUESTS = 'traefik_router_requests_total{service="bookstack@file"}';
export const ERRORS = 'traefik_router_requests_total{service="bookstack@file",code=~"5.."}';
/** Whole disks, without file systems in memory and the mounts of containers. */
export const DISK = 'fstype!~"overlay|squashfs|ramfs"';

/** Panels of more than one dashboard. */
export const ACTIVE_USERS: Tile = {
  title: "Active users",
  kind: "stat",
  unit: "short",
  about: "Sessions of users that were active in the last five minutes.",
  queries: [WIKI.value("max", "bookstack_sessions_active")],
};

/** Without a value while the end of any certificate is unknown. */
export function certificateTile({ certificates, thresholds: { certificateDays } }: DashboardSettings): Tile {
  const all = `${CERTIFICATE_SECONDS}{certificate=~"${certificates.join("|")}"}`;
  const known = new Source(`count(${all}) == ${certificates.length}`);
  return {
    title: "Certificate expiry",
    kind: "stat",
    unit: "suffix:days",
    decimals: 0,
    steps: { worse: "below", yellow: Math.ceil(1.5 * certificateDays), red: certificateDays },
    about: `Days until the first certificate of the system expires. Red below ${certificateDays} days (certificateDays): renewal has failed by then. The dashboard Security names each.`,
    queries: [known.value("min", `${all} / 86400`)],
  };
}

export function backupAgeTile({ thresholds: { backupHours } }: DashboardSettings): Tile {
  return {
    title: "Last backup",
    kind: "stat",
    unit: "s",
    steps: critical(3600 * backupHours),
    about: `Age of the last good backup. Red from ${backupHours} hours on (backupHours). No data: no backup has succeeded yet.`,
    // two of a time are none: the older one counts
    queries: [HOST.value("max", "time() - backup_last_success_timestamp_seconds")],
  };
}

export function requestsByStatus(title: string, extra: Partial<Graph> = {}): Graph {
  return {
    title,
    kind: "timeseries",
    unit: "reqps",
    stacked: true,
    statusCodes: true,
    about: "Answers of the wiki per second: 2xx and 3xx are successes, 4xx mistakes or refusals of clients, 5xx errors of the wiki.",
    queries: [TRAEFIK.events(`sum by (code) (rate(${REQUESTS}[$__rate_interval]))`, "{{code}}")],
    ...extra,
  };
}

export function responseTime(title: string, { thresholds }: DashboardSettings, extra: Partial<Graph> = {}): Graph {
  return {
    title,
    kind: "timeseries",
    unit: "s",
    steps: { worse: "above", yellow: thresholds.responseTime.seconds },
    about: `Time until the wiki answers: half of all requests are faster than the median, 95 % faster than p95. The dashed line is responseTime, ${thresholds.responseTime}. A gap means no request.`,
    queries: [TRAEFIK.events("wiki:response_seconds:p50", "median"), TRAEFIK.events("wiki:response_seconds:p95", "p95")],
    ...extra,
  };
}

export function containerMemory(title: string, { interval }: DashboardSettings): Graph {
  return {
    title,
    kind: "timeseries",
    unit: "bytes",
    stacked: true,
    about: "Memory that each container uses and that cannot be reclaimed, stacked.",
    queries: [containers(interval).series("container_memory_working_set_bytes", "{{container}}")],
  };
}

export function containerProcessors(title: string, { interval }: DashboardSettings): Graph {
  return {
    title,
    kind: "timeseries",
    unit: "short",
    stacked: true,
    softMax: 1,
    about: "Processors that each container keeps busy, stacked: 1 is one processor.",
    queries: [containers(interval).series("rate(container_cpu_seconds_total[$__rate_interval])", "{{container}}")],
  };
}
