import type { Dashboard, DashboardSettings, Panel } from "../dashboard";
import { orZero } from "../promql";

const FIRING = 'ALERTS{alertstate="firing",alertname!="Watchdog"}';

/** Whether all is well, on one page. */
export const dashboard: Dashboard = {
  id: "overview",
  title: "Overview",
  about: "Whether all is well: what is wrong now, and the few numbers that say how it goes.",
  rows: (settings) => ({
    Now: now(settings),
    "What is wrong": [
      {
        title: "Alerts that are raised",
        kind: "table",
        unit: "short",
        width: 24,
        queries: [{ expr: `sum by (alertname, severity, container, job) (${FIRING}) or on () label_replace(vector(0), "alertname", "none", "", "")` }],
      },
    ],
    "How it goes": [
      {
        title: "Requests to the wiki, by status",
        kind: "timeseries",
        unit: "reqps",
        stacked: true,
        queries: [{ expr: orZero('sum by (code) (rate(traefik_router_requests_total{service="bookstack@file"}[$__rate_interval]))'), legend: "{{code}}" }],
      },
      {
        title: "Response time of the wiki",
        kind: "timeseries",
        unit: "s",
        queries: [
          { expr: "wiki:response_seconds:p50", legend: "half of all" },
          { expr: "wiki:response_seconds:p95", legend: "19 of 20" },
        ],
      },
      {
        title: "Memory of containers",
        kind: "timeseries",
        unit: "bytes",
        stacked: true,
        queries: [{ expr: "container_memory_working_set_bytes", legend: "{{container}}" }],
      },
      {
        title: "Processors of containers",
        kind: "timeseries",
        unit: "short",
        stacked: true,
        queries: [{ expr: "rate(container_cpu_seconds_total[$__rate_interval])", legend: "{{container}}" }],
      },
    ],
  }),
};

function now({ backup }: DashboardSettings): Panel[] {
  return [
    { title: "Alerts", kind: "stat", unit: "short", steps: [1, 2], queries: [{ expr: orZero(`count(${FIRING})`) }] },
    { title: "Sources that cannot be read", kind: "stat", unit: "short", steps: [1, 2], queries: [{ expr: "count(up) - sum(up)" }] },
    {
      title: "Containers that do not run",
      kind: "stat",
      unit: "short",
      steps: [1, 2],
      queries: [{ expr: orZero("count(container_running == 0 or container_healthy == 0)") }],
    },
    { title: "Database of the wiki", kind: "stat", unit: "bool_yes_no", steps: [1, 0.5], queries: [{ expr: "bookstack_database_up", legend: "answers" }] },
    {
      title: "Errors of the wiki",
      kind: "stat",
      unit: "percentunit",
      steps: [0.01, 0.05],
      queries: [
        {
          expr: orZero(
            'sum(rate(traefik_router_requests_total{service="bookstack@file",code=~"5.."}[1h])) / sum(rate(traefik_router_requests_total{service="bookstack@file"}[1h]))',
          ),
        },
      ],
    },
    { title: "Certificate, days left", kind: "stat", unit: "d", steps: [30, 7], queries: [{ expr: "(min(traefik_tls_certs_not_after) - time()) / 86400" }] },
    { title: "Processors busy", kind: "stat", unit: "percentunit", steps: [0.7, 0.9], queries: [{ expr: "host:cpu_busy:ratio" }] },
    {
      title: "Memory taken",
      kind: "stat",
      unit: "percentunit",
      steps: [0.8, 0.9],
      queries: [{ expr: "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes" }],
    },
    {
      title: "Fullest disk",
      kind: "stat",
      unit: "percentunit",
      steps: [0.8, 0.9],
      queries: [{ expr: "max(1 - node_filesystem_avail_bytes / (node_filesystem_size_bytes > 0))" }],
    },
    { title: "People in the wiki", kind: "stat", unit: "short", queries: [{ expr: orZero("bookstack_sessions_active") }] },
    { title: "Banned addresses", kind: "stat", unit: "short", queries: [{ expr: orZero("sum(cs_active_decisions)") }] },
    ...(backup
      ? [
          {
            title: "Last good backup, age",
            kind: "stat",
            unit: "s",
            steps: [93_600, 180_000],
            queries: [{ expr: orZero("time() - max(backup_last_success_timestamp_seconds)") }],
          } as const,
        ]
      : []),
  ];
}
