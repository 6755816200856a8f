import { type AlertFamily, type AlertSettings, DATABASE_DOWN } from "../alert";
import { seconds } from "../promql";

export const family: AlertFamily = {
  name: "database",
  title: "The database",
  alerts: ({ window, thresholds }: AlertSettings) => [
    {
      name: DATABASE_DOWN,
      severity: "critical",
      // an exporter that waits for a server that is gone says nothing at all
      expression: 'min(mysql_up or on () vector(1)) * min(container_running{container="bookstack-db"} or on () vector(1)) == 0',
      summary: "MySQL takes no connection",
      first: "Read its error log; then deploy again. The wiki is away as long as the database is.",
    },
    {
      name: "DatabaseConnections",
      severity: "warning",
      expression: `100 * mysql_global_status_threads_connected / mysql_global_variables_max_connections > ${thresholds.connectionsPercent}`,
      metric: "Connections active",
      summary: "{{ $value | humanize }} % of the connections that MySQL takes are open",
      first: "Whose are they? SHOW PROCESSLIST. A wiki that waits for slow statements opens more and more.",
    },
    {
      name: "DatabaseSlowQueries",
      severity: "warning",
      expression: `increase(mysql_global_status_slow_queries[${seconds(window)}]) > ${thresholds.slowQueries}`,
      metric: "Slow queries",
      summary: "{{ $value | humanize }} statements took longer than they should",
      first: "The slow query log names them: docker exec NAME-bookstack-db tail /var/log/mysql/slow.log.",
    },
    {
      name: "DatabaseSlow",
      severity: "warning",
      expression: `rate(mysql_perf_schema_events_statements_sum_timer_wait[${seconds(window)}]) / rate(mysql_perf_schema_events_statements_sum_total[${seconds(window)}]) > ${thresholds.queryTime.seconds}`,
      metric: "Query response time",
      summary: "A statement takes {{ $value | humanizeDuration }} on average",
      first: "Is the disk busy, or the buffer pool too small? The dashboard MySQL shows both.",
    },
    {
      name: "ReplicationLags",
      severity: "warning",
      expression: `mysql_slave_status_seconds_behind_master > ${thresholds.replicationLag.seconds} or mysql_slave_status_slave_sql_running == 0`,
      metric: "Replication lag",
      summary: "The replica is behind, or has stopped",
      first: "SHOW REPLICA STATUS says where it stands, and why.",
    },
  ],
};
