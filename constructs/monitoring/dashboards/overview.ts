import {
  ACTIVE_USERS,
  backupAgeTile,
  certificateTile,
  containerMemory,
  containerProcessors,
  DISK,
  ERRORS,
  REQUESTS,
  requestsByStatus,
  responseTime,
} from "../common-panels";
import type { Dashboard, DashboardSettings } from "../dashboard";
import { alertTables, firingWith } from "../firing-alerts";
import { ANY_IS_CRITICAL, critical, type Panel, type Tile, warning, YES_IS_GOOD } from "../panel";
import { CROWDSEC, containers, HOST, RULES, TARGETS, TRAEFIK, WIKI } from "../source";

/** Whether all is well, on one page. */
export const dashboard: Dashboard = {
  id: "overview",
  title: "Overview",
  about: "What is wrong now, what to do first, and the few numbers that say how it goes.",
  rows: (settings) => {
    const { firing, held } = alertTables(settings);
    return { "What is wrong": [firing], Now: [...wiki(settings), ...host(settings)], "Held back": [held], "How it goes": trends(settings) };
  },
};

function wiki(settings: DashboardSettings): Tile[] {
  const { interval, thresholds, backup } = settings;
  return [
    {
      title: "Critical alerts",
      kind: "stat",
      unit: "short",
      steps: ANY_IS_CRITICAL,
      about: "Critical alerts that are firing, without those that follow from another. No data: Prometheus evaluates no alerts.",
      queries: [RULES.count("count", firingWith('severity="critical"'))],
    },
    {
      title: "Sources not read",
      kind: "stat",
      unit: "short",
      steps: ANY_IS_CRITICAL,
      about: "Jobs that Prometheus cannot read. What they measure is unknown: their tiles say No data.",
      queries: [TARGETS.count("count", "up == 0")],
    },
    {
      title: "Containers down",
      kind: "stat",
      unit: "short",
      steps: ANY_IS_CRITICAL,
      about: "Containers that do not run, or fail their health check. The dashboard Docker names them. No data: container-metrics is silent.",
      queries: [containers(interval).value("sum", "sum(container_running == bool 0) + sum((container_healthy == bool 0) * container_running)")],
    },
    {
      title: "Database answers",
      kind: "stat",
      unit: "bool_yes_no",
      steps: YES_IS_GOOD,
      about: "Whether BookStack can read its database. No: every page is an error.",
      queries: [WIKI.value("min", "bookstack_database_up")],
    },
    {
      title: "Wiki errors, 1 h",
      kind: "stat",
      unit: "percentunit",
      steps: critical(thresholds.errorPercent / 100),
      about: `Share of the wiki's responses in the last hour that were server errors (5xx). Red from ${thresholds.errorPercent} % on (errorPercent).`,
      queries: [TRAEFIK.count("sum", `sum(increase(${ERRORS}[1h])) / (sum(increase(${REQUESTS}[1h])) > 0)`)],
    },
    ...(backup ? [backupAgeTile(settings)] : []),
  ];
}

function host(settings: DashboardSettings): Tile[] {
  const { cpuPercent, memoryPercent, diskPercent } = settings.thresholds;
  return [
    {
      title: "CPU busy",
      kind: "stat",
      unit: "percentunit",
      steps: warning(cpuPercent / 100),
      about: `Share of the host's processors that is busy. Yellow from ${cpuPercent} % on (cpuPercent).`,
      queries: [HOST.value("max", "host:cpu_busy:ratio")],
    },
    {
      title: "Memory used",
      kind: "stat",
      unit: "percentunit",
      steps: critical(memoryPercent / 100),
      about: `Share of the host's memory that is used, caches not counted. Red from ${memoryPercent} % on (memoryPercent).`,
      queries: [HOST.value("max", "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes")],
    },
    {
      title: "Fullest disk",
      kind: "stat",
      unit: "percentunit",
      steps: critical(diskPercent / 100),
      about: `Used share of the fullest disk of the host. Red from ${diskPercent} % on (diskPercent). The dashboard Node shows each disk.`,
      queries: [HOST.value("max", `1 - node_filesystem_avail_bytes{${DISK}} / (node_filesystem_size_bytes{${DISK}} > 0) unless node_filesystem_readonly == 1`)],
    },
    certificateTile(settings),
    ACTIVE_USERS,
    {
      title: "Own bans",
      kind: "stat",
      unit: "short",
      about: "Addresses that this CrowdSec has banned itself. Those of the community blocklist are on the dashboard Security.",
      queries: [CROWDSEC.count("sum", 'cs_active_decisions{origin=~"crowdsec|cscli"}')],
    },
  ];
}

function trends(settings: DashboardSettings): Panel[] {
  return [
    requestsByStatus("Requests to the wiki, by status"),
    responseTime("Response time of the wiki", settings),
    containerMemory("Memory of containers", settings),
    containerProcessors("Processors of containers", settings),
  ];
}
