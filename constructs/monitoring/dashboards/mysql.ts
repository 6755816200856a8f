import type { Dashboard, DashboardSettings } from "../dashboard";
import { type Panel, warning, YES_IS_GOOD } from "../panel";
import { MYSQL, Source } from "../source";
import { STANDBY_LAG } from "../standby-lag";

/** The database. */
export const dashboard: Dashboard = {
  id: "mysql",
  title: "MySQL",
  about: "The database. Replaces dashboard 7362, MySQL Overview, often cited as 12250.",
  rows: (settings) => ({
    "At a glance": glance(),
    Statements: statements(settings),
    "Memory and disk": storage(),
    Replication: replication(settings),
  }),
};

const STATUS = "mysql_global_status";
const POOL_REQUESTS = `rate(${STATUS}_innodb_buffer_pool_read_requests[$__rate_interval])`;
const POOL_MISSES = `rate(${STATUS}_innodb_buffer_pool_reads[$__rate_interval])`;
const STATEMENTS = "mysql_perf_schema_events_statements_sum";
/** Statements that a wiki uses. */
const KINDS = "select|insert|update|delete|begin|commit|rollback";

const status = (name: string) => `${STATUS}_${name}`;
const perSecond = (name: string) => `rate(${status(name)}[$__rate_interval])`;
const perBar = (name: string) => `round(increase(${status(name)}[$__rate_interval]))`;

function glance(): Panel[] {
  return [
    {
      title: "Reachable",
      kind: "stat",
      unit: "bool_yes_no",
      steps: YES_IS_GOOD,
      about: "Whether MySQL answers its exporter. No: the other tiles say No data, and the wiki is down.",
      queries: [Source.job("bookstack-db").value("min", "mysql_up")],
    },
    {
      title: "Uptime",
      kind: "stat",
      unit: "dtdurations",
      decimals: 1,
      about: "Time since MySQL was started.",
      queries: [MYSQL.value("max", status("uptime"))],
    },
    {
      title: "Version",
      kind: "stat",
      unit: "short",
      text: "name",
      about: "Version of MySQL that is running.",
      queries: [MYSQL.label("version", "mysql_version_info")],
    },
    {
      title: "Statements, rate",
      kind: "stat",
      unit: "ops",
      about: "Statements per second, on average over the last five minutes.",
      queries: [MYSQL.value("sum", `rate(${status("queries")}[5m])`)],
    },
    {
      title: "Buffer pool",
      kind: "stat",
      unit: "bytes",
      about: "Memory in which InnoDB keeps pages of tables and indexes.",
      queries: [MYSQL.value("max", "mysql_global_variables_innodb_buffer_pool_size")],
    },
    {
      title: "Most connections",
      kind: "stat",
      unit: "short",
      about: "Most connections that were open at the same time since MySQL was started.",
      queries: [MYSQL.value("max", status("max_used_connections"))],
    },
  ];
}

function statements({ thresholds: { queryTime } }: DashboardSettings): Panel[] {
  return [
    {
      title: "Connections active",
      kind: "timeseries",
      unit: "short",
      metric: "Connections active",
      about: "Open connections, those that run a statement, and the limit (max_connections).",
      queries: [
        MYSQL.series(status("threads_connected"), "open"),
        MYSQL.series(status("threads_running"), "running a statement"),
        MYSQL.series("mysql_global_variables_max_connections", "limit"),
      ],
    },
    {
      title: "Connections refused or aborted",
      kind: "timeseries",
      unit: "short",
      counts: true,
      about: "Connections per bar (5 minutes or more) that were refused, or that ended without goodbye.",
      queries: [MYSQL.series(perBar("aborted_connects"), "refused"), MYSQL.series(perBar("aborted_clients"), "aborted")],
    },
    {
      title: "Slow queries",
      kind: "timeseries",
      unit: "short",
      counts: true,
      metric: "Slow queries",
      about: "Statements per bar (5 minutes or more) that took longer than long_query_time. The slow query log names them.",
      queries: [MYSQL.series(perBar("slow_queries"), "slow")],
    },
    {
      title: "Query response time, average",
      kind: "timeseries",
      unit: "s",
      softMax: 0.005,
      steps: warning(queryTime.seconds),
      metric: "Query response time",
      about: `Time that a statement takes, on average. The dashed line is queryTime, ${queryTime}.`,
      queries: [MYSQL.events(`rate(${STATEMENTS}_timer_wait[$__rate_interval]) / (rate(${STATEMENTS}_total[$__rate_interval]) > 0)`, "a statement")],
    },
    {
      title: "Statements by kind",
      kind: "timeseries",
      unit: "ops",
      stacked: true,
      about: "Statements per second by their kind, stacked.",
      queries: [MYSQL.series(`sum by (command) (rate(${status("commands_total")}{command=~"${KINDS}"}[$__rate_interval]))`, "{{command}}")],
    },
    {
      title: "Waits for locked rows",
      kind: "timeseries",
      unit: "short",
      counts: true,
      about: "Times per bar (5 minutes or more) that a statement waited for a row that another one had locked.",
      queries: [MYSQL.series(perBar("innodb_row_lock_waits"), "waits")],
    },
  ];
}

function storage(): Panel[] {
  return [
    {
      title: "InnoDB buffer pool hits",
      kind: "timeseries",
      unit: "percentunit",
      softMax: 1,
      metric: "InnoDB buffer pool hits",
      about: "Share of the reads that found their page in memory. Below 95 % for long: the buffer pool is too small.",
      queries: [MYSQL.events(`1 - ${POOL_MISSES} / (${POOL_REQUESTS} > 0)`, "hits")],
    },
    {
      title: "Pages of the buffer pool",
      kind: "timeseries",
      unit: "short",
      stacked: true,
      about: "What the pages of the buffer pool hold, stacked. No free ones for long: the buffer pool is full, which is normal.",
      queries: [MYSQL.series(status("buffer_pool_pages"), "{{state}}")],
    },
    {
      title: "Traffic",
      kind: "timeseries",
      unit: "Bps",
      about: "Bytes per second from and to the clients of MySQL.",
      queries: [MYSQL.series(perSecond("bytes_received"), "received"), MYSQL.series(perSecond("bytes_sent"), "sent")],
    },
    {
      title: "Temporary tables",
      kind: "timeseries",
      unit: "ops",
      about: "Temporary tables that statements needed, per second. Those on disk are slow.",
      queries: [MYSQL.series(perSecond("created_tmp_tables"), "all"), MYSQL.series(perSecond("created_tmp_disk_tables"), "on disk")],
    },
  ];
}

function replication({ standby, thresholds: { replicationLag } }: DashboardSettings): Panel[] {
  const line = `The dashed line is replicationLag, ${replicationLag}`;
  const alone = {
    empty: "No data: this MySQL is no replica, or does not answer",
    about: `How far a replica is behind. ${line}. This project configures no replica.`,
    queries: [MYSQL.events("max(mysql_slave_status_seconds_behind_master)", "lag")],
  };
  const followed = {
    empty: "No data: no standby has reported how far it is behind, or MySQL does not answer",
    about: `How far the standby is behind: this much would be lost with this host. It increases while the standby reports nothing. ${line}; files may be a minute older.`,
    queries: [MYSQL.events(`max(${STANDBY_LAG.database})`, "database"), MYSQL.events(`max(${STANDBY_LAG.files})`, "files")],
  };
  return [
    {
      title: "Replication lag",
      kind: "timeseries",
      unit: "s",
      width: 24,
      height: 5,
      steps: warning(replicationLag.seconds),
      metric: "Replication lag",
      ...(standby ? followed : alone),
    },
  ];
}
