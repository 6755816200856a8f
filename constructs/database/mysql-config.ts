import type { ByteSize } from "../core/byte-size";
import type { Duration } from "../core/duration";
import type { Sections } from "../core/render";
import type { RotatedLogs } from "../docker/log-file";

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

/** Directory of the volume; the data lie one level deeper, so that they appear there whole or not at all. */
export const DATA_DIRECTORY = "/var/lib/mysql";
/** Sorting a table for an index, or one large transaction, can take as much space as the table: more than memory has. */
export const TEMPORARY_DIRECTORY = `${DATA_DIRECTORY}/tmp`;
export const LOG_DIRECTORY = "/var/log/mysql";
export const ERROR_LOG = "error.log";
const SLOW_LOG = "slow.log";
/** The signal needs no account, where a statement would take one that may do much more (RELOAD). */
export const MYSQL_LOGS: RotatedLogs = { service: "bookstack-db", directory: LOG_DIRECTORY, files: [ERROR_LOG, SLOW_LOG], signal: "USR1" };
export const SOCKET = "/run/mysqld/mysqld.sock";
export const CONFIG_DIRECTORY = "/etc/bookstack-db";

/** Connections that the server takes at once: twelve of BookStack, and room for backup, exporter and a person. */
const MAX_CONNECTIONS = 60;
/** Seconds that binary logs are kept: three days. */
const BINLOG_SECONDS = 259_200;

/** The whole configuration of the server: nothing of the image's own is read. */
export function renderMyCnf({ bufferPool, slowQuery }: MySqlTuning, files: MySqlFiles): Sections {
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
    },
  };
}
