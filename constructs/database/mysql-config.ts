import type { ByteSize } from "../core/byte-size";
import type { Duration } from "../core/duration";
import type { Sections } from "../core/render";
import type { RotatedLogs } from "../docker/log-file";
import { type Replication, renderReplication } from "./replication";

export interface MySqlTuning {
  /** Memory for table and index pages. @default 256M */
  readonly bufferPool: ByteSize;
  /** A statement that takes longer is written to the slow query log. @default 1s */
  readonly slowQuery: Duration;
}

export interface MySqlFiles {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** The mounted volume. The data directory is below it, because a new one is initialized beside it and then renamed. */
export const DATA_DIRECTORY = "/var/lib/mysql";
/** On disk, because an index or a large transaction can need as much temporary space as the table, more than fits into memory. */
export const TEMPORARY_DIRECTORY = `${DATA_DIRECTORY}/tmp`;
export const LOG_DIRECTORY = "/var/log/mysql";
export const ERROR_LOG = "error.log";
const SLOW_LOG = "slow.log";
/** Logs are reopened by a signal, because FLUSH LOGS needs a database account with RELOAD, which permits much more. */
export const MYSQL_LOGS: RotatedLogs = { service: "bookstack-db", directory: LOG_DIRECTORY, files: [ERROR_LOG, SLOW_LOG], signal: "USR1" };
export const SOCKET = "/run/mysqld/mysqld.sock";
export const CONFIG_DIRECTORY = "/etc/bookstack-db";

/** Maximum number of connections: twelve of BookStack, the rest for the backup, the exporter and an administrator. */
const MAX_CONNECTIONS = 60;
/**
 * Tables that are open at a time, and definitions that are kept: BookStack has about 70 tables. MySQL derives the size of its performance
 * schema from them, which takes 100 MiB more with the default values.
 */
const [OPEN_TABLES, TABLE_DEFINITIONS] = [1000, 400];
/** Retention of binary logs in seconds: three days. */
const BINLOG_SECONDS = 259_200;

/** The complete configuration: the server does not read that of the image. */
export function renderMyCnf({ bufferPool, slowQuery }: MySqlTuning, files: MySqlFiles, replication?: Replication): Sections {
  return {
    mysqld: {
      datadir: `${DATA_DIRECTORY}/data`,
      socket: SOCKET,
      pid_file: "/run/mysqld/mysqld.pid",
      tmpdir: TEMPORARY_DIRECTORY,
      secure_file_priv: "NULL",
      innodb_buffer_pool_size: `${bufferPool}`,
      innodb_flush_log_at_trx_commit: 1,
      sync_binlog: 1,
      binlog_expire_logs_seconds: BINLOG_SECONDS,
      character_set_server: "utf8mb4",
      collation_server: "utf8mb4_unicode_ci",
      max_connections: MAX_CONNECTIONS,
      table_open_cache: OPEN_TABLES,
      table_definition_cache: TABLE_DEFINITIONS,
      // hardening: no listing of other databases, file access, links out of the data directory, or unencrypted login
      skip_show_database: true,
      skip_name_resolve: true,
      local_infile: 0,
      mysqlx: 0,
      require_secure_transport: "ON",
      ssl_ca: files.ca,
      ssl_cert: files.certificate,
      ssl_key: files.key,
      tls_version: "TLSv1.3",
      // failed logins appear at level 3 only
      log_error: `${LOG_DIRECTORY}/${ERROR_LOG}`,
      log_error_verbosity: 3,
      log_timestamps: "UTC",
      slow_query_log: "ON",
      slow_query_log_file: `${LOG_DIRECTORY}/${SLOW_LOG}`,
      long_query_time: slowQuery.seconds,
      ...(replication && renderReplication(replication)),
    },
  };
}
