import type { Dashboard, Panel } from "../dashboard";
import { orZero } from "../promql";

/** The database. */
export const dashboard: Dashboard = {
  id: "mysql",
  title: "MySQL",
  about: "The database. Stands in for what was meant by 12250, MySQL (which is 7362, MySQL Overview).",
  rows: () => ({ "At a glance": glance(), Statements: statements(), "Memory and disk": storage(), Replication: replication() }),
};

const USED = "mysql_global_status_innodb_buffer_pool_read_requests";
const READ = "mysql_global_status_innodb_buffer_pool_reads";

function glance(): Panel[] {
  return [
    { title: "Answers", kind: "stat", unit: "bool_yes_no", steps: [1, 0.5], queries: [{ expr: "mysql_up" }] },
    { title: "Up since", kind: "stat", unit: "s", queries: [{ expr: "mysql_global_status_uptime" }] },
    { title: "Version", kind: "stat", unit: "short", queries: [{ expr: "mysql_version_info", legend: "{{version}}" }] },
    { title: "Statements per second", kind: "stat", unit: "ops", queries: [{ expr: "rate(mysql_global_status_queries[$__rate_interval])" }] },
    { title: "Buffer pool", kind: "stat", unit: "bytes", queries: [{ expr: "mysql_global_variables_innodb_buffer_pool_size" }] },
    { title: "Connections, most at once", kind: "stat", unit: "short", queries: [{ expr: "mysql_global_status_max_used_connections" }] },
  ];
}

function statements(): Panel[] {
  return [
    {
      title: "Connections active",
      kind: "timeseries",
      unit: "short",
      metric: "Connections active",
      queries: [
        { expr: "mysql_global_status_threads_connected", legend: "open" },
        { expr: "mysql_global_status_threads_running", legend: "at work" },
        { expr: "mysql_global_variables_max_connections", legend: "at most" },
      ],
    },
    {
      title: "Connections refused or broken off",
      kind: "timeseries",
      unit: "ops",
      queries: [
        { expr: "rate(mysql_global_status_aborted_connects[$__rate_interval])", legend: "refused" },
        { expr: "rate(mysql_global_status_aborted_clients[$__rate_interval])", legend: "broken off" },
      ],
    },
    {
      title: "Slow queries",
      kind: "timeseries",
      unit: "ops",
      metric: "Slow queries",
      queries: [{ expr: "rate(mysql_global_status_slow_queries[$__rate_interval])", legend: "slow" }],
    },
    {
      title: "Query response time, on average",
      kind: "timeseries",
      unit: "s",
      metric: "Query response time",
      queries: [
        {
          expr: orZero(
            "rate(mysql_perf_schema_events_statements_sum_timer_wait[$__rate_interval]) / (rate(mysql_perf_schema_events_statements_sum_total[$__rate_interval]) > 0)",
          ),
          legend: "a statement",
        },
      ],
    },
    {
      title: "Statements by kind",
      kind: "timeseries",
      unit: "ops",
      stacked: true,
      queries: [
        {
          expr: 'sum by (command) (rate(mysql_global_status_commands_total{command=~"select|insert|update|delete|begin|commit|rollback"}[$__rate_interval]))',
          legend: "{{command}}",
        },
      ],
    },
    {
      title: "Waits for rows that are locked",
      kind: "timeseries",
      unit: "ops",
      queries: [{ expr: "rate(mysql_global_status_innodb_row_lock_waits[$__rate_interval])", legend: "waits" }],
    },
  ];
}

function storage(): Panel[] {
  return [
    {
      title: "InnoDB buffer pool hits",
      kind: "timeseries",
      unit: "percentunit",
      metric: "InnoDB buffer pool hits",
      queries: [{ expr: `1 - rate(${READ}[$__rate_interval]) / (rate(${USED}[$__rate_interval]) > 0) or on () vector(1)`, legend: "found in memory" }],
    },
    {
      title: "Pages of the buffer pool",
      kind: "timeseries",
      unit: "short",
      stacked: true,
      queries: [{ expr: "mysql_global_status_buffer_pool_pages", legend: "{{state}}" }],
    },
    {
      title: "Traffic",
      kind: "timeseries",
      unit: "Bps",
      queries: [
        { expr: "rate(mysql_global_status_bytes_received[$__rate_interval])", legend: "in" },
        { expr: "rate(mysql_global_status_bytes_sent[$__rate_interval])", legend: "out" },
      ],
    },
    {
      title: "Temporary tables",
      kind: "timeseries",
      unit: "ops",
      queries: [
        { expr: "rate(mysql_global_status_created_tmp_tables[$__rate_interval])", legend: "in memory" },
        { expr: "rate(mysql_global_status_created_tmp_disk_tables[$__rate_interval])", legend: "on disk" },
      ],
    },
  ];
}

function replication(): Panel[] {
  return [
    {
      title: "Replication lag",
      kind: "timeseries",
      unit: "s",
      metric: "Replication lag",
      about: "0 where nothing is replicated.",
      queries: [{ expr: orZero("max(mysql_slave_status_seconds_behind_master)"), legend: "behind" }],
    },
  ];
}
