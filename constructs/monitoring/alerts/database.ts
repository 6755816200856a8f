import { type Alert, type AlertFamily, type AlertSettings, containerName, DATABASE_DOWN, ENVIRONMENT } from "../alert";
import { ALERT_SOURCES, missing } from "../alert-sources";
import { above, count, seconds } from "../promql";
import { FILES_INTERVAL, STANDBY_LAG, STANDBY_MISSING } from "../standby-lag";

const DATABASE = containerName("bookstack-db");
const EGRESS = containerName("database-egress");

export const family: AlertFamily = {
  name: "database",
  title: "The database",
  alerts: (settings: AlertSettings) => [...state(settings), ...load(settings), ...(settings.standby ? standby(settings) : replica(settings))],
};

function state({ externalDatabase: server }: AlertSettings): Alert[] {
  return [
    {
      name: DATABASE_DOWN,
      severity: "critical",
      // an exporter that waits for a server that is down returns nothing
      expression: 'min(mysql_up == 0 or container_running{container="bookstack-db"} == 0)',
      summary: "MySQL accepts no connection: the wiki is down",
      first: server
        ? `Is ${server} up, and does it let this host in? Look at the server; docker logs --tail 50 ${EGRESS} shows what was forwarded to it.`
        : `Read docker logs --tail 50 ${DATABASE}, then docker start ${DATABASE}. If it ends again, run npm run deploy -- ${ENVIRONMENT}.`,
    },
    {
      name: "DatabaseUnknown",
      severity: "critical",
      expression: missing(ALERT_SOURCES.database),
      summary: "Metrics of the database are missing: how it works is not known",
      first: `Read docker logs --tail 50 ${containerName("mysqld-exporter")}; a password or a permission may be wrong. Then run npm run deploy -- ${ENVIRONMENT}.`,
    },
  ];
}

function load({ window, thresholds, externalDatabase: server }: AlertSettings): Alert[] {
  const w = seconds(window);
  const connections = "100 * mysql_global_status_threads_connected / mysql_global_variables_max_connections";
  return [
    {
      name: "DatabaseConnections",
      severity: "warning",
      expression: above("DatabaseConnections", connections, thresholds.connectionsPercent),
      metric: "Connections active",
      summary: `${count()} % of the connections that MySQL accepts are open`,
      first: "The dashboard MySQL shows whether statements are slow; a wiki that waits for them opens more and more connections.",
    },
    {
      name: "DatabaseSlowQueries",
      severity: "warning",
      expression: `increase(mysql_global_status_slow_queries[${w}]) > ${thresholds.slowQueries}`,
      metric: "Slow queries",
      summary: `${count()} statements took longer than they should`,
      first: server ? `Read which in the slow query log of ${server}.` : `Read which: docker exec ${DATABASE} tail -n 50 /var/log/mysql/slow.log.`,
    },
    {
      name: "DatabaseSlow",
      severity: "warning",
      expression: above(
        "DatabaseSlow",
        `rate(mysql_perf_schema_events_statements_sum_timer_wait[${w}]) / rate(mysql_perf_schema_events_statements_sum_total[${w}])`,
        thresholds.queryTime.seconds,
      ),
      metric: "Query response time",
      summary: "A statement takes {{ $value | humanizeDuration }} on average",
      first: "Is the disk busy, or the buffer pool too small? The dashboard MySQL shows both.",
    },
  ];
}

/** A replica that this project did not make. */
function replica({ thresholds }: AlertSettings): Alert[] {
  return [
    {
      name: "ReplicationLags",
      severity: "warning",
      expression: `mysql_slave_status_seconds_behind_master > ${thresholds.replicationLag.seconds} or mysql_slave_status_slave_sql_running == 0`,
      metric: "Replication lag",
      summary: "The replica is behind, or has stopped",
      first: "Run SHOW REPLICA STATUS on it: it says where it is and what failed.",
    },
  ];
}

/** What follows this database on another host. */
function standby({ thresholds: { replicationLag } }: AlertSettings): Alert[] {
  const first = `Run npm run standby -- ${ENVIRONMENT}: it shows what does not follow, and the error. Until it follows, a failover loses what is missing.`;
  return [
    {
      name: "ReplicationLags",
      severity: "warning",
      expression: `${STANDBY_LAG.database} > ${replicationLag.seconds} or ${STANDBY_LAG.files} > ${replicationLag.seconds + FILES_INTERVAL.seconds}`,
      metric: "Replication lag",
      summary: "The standby is {{ $value | humanizeDuration }} behind: this much would be lost with this host",
      first,
    },
    {
      name: "StandbyUnknown",
      severity: "warning",
      expression: `(${missing(ALERT_SOURCES.standby)}) or ((${STANDBY_MISSING}) and on () mysql_up == 1)`,
      metric: "Replication lag",
      summary: "No standby has said how far it is behind, with its database or with its files: nothing can take over, as far as is known",
      first,
    },
  ];
}
