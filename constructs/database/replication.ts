import type { IniValue } from "../core/render";
import { SecretText } from "../secrets/secret";
import type { Account } from "./database";

/** Part of a server in a replication: the `source` is written to, the `replica` follows it and refuses writes. */
export interface Replication {
  readonly role: "source" | "replica";
  /** Number of the server, which no other server of the replication has. */
  readonly serverId: number;
}

/** Account by which the other host reads the binary log, and copies the data. */
export const REPLICA_ACCOUNT = "replica";
/** Schema with the heartbeat: its age on a replica is what a loss of the source would cost. */
export const HEARTBEAT_SCHEMA = "standby";
/** Table of the source in which a standby writes up to when it has everything; mysqld_exporter reads this form. */
export const FOLLOWERS_TABLE = "followers";
/** Row of a standby for its files: this much above its number, whose own row is for the database. */
export const FILES_ROW = 100;
/** What a replica has of its source: the password of the account, and the authority that signed for the server. */
export const SOURCE_PASSWORD = SecretText.provided("standby_source_password");
export const SOURCE_CA = SecretText.providedFile("standby_source_ca");
export const SOURCE_SECRETS = [SOURCE_PASSWORD, SOURCE_CA];
/** Seconds without a word of the source after which a replica connects again. */
const SILENCE_SECONDS = 10;

/** What a server of a replication has in its configuration. */
export function renderReplication({ role, serverId }: Replication): Readonly<Record<string, IniValue>> {
  return {
    server_id: serverId,
    gtid_mode: "ON",
    enforce_gtid_consistency: "ON",
    plugin_load_add: "mysql_clone.so",
    replica_net_timeout: SILENCE_SECONDS,
    relay_log: "relay",
    relay_log_recovery: "ON",
    // the heartbeat is an event: only the source may write it
    event_scheduler: role === "source" ? "ON" : "OFF",
    ...(role === "replica" ? { super_read_only: "ON" } : {}),
  };
}

/** The script that starts the server, with an account of the other host, the heartbeat, and what the account `measured` reads of it. */
export function replicationAccounts(script: string, replication: Replication, measured: Account): string {
  const statements = schemaOf(replication).map((statement) => `    echo "${statement}"`);
  const read = `    echo "GRANT SELECT ON ${HEARTBEAT_SCHEMA}.${FOLLOWERS_TABLE} TO '${measured}'@'%';"`;
  const anchors = { before: `    account ${measured}@% `, after: `    echo "GRANT SELECT ON performance_schema.* TO '${measured}'@'%';"` };
  for (const anchor of Object.values(anchors)) if (!script.includes(anchor)) throw new Error(`the script that starts MySQL has no line "${anchor}"`);
  return script
    .replace(anchors.before, `    account ${REPLICA_ACCOUNT}@% 6\n${statements.join("\n")}\n${anchors.before}`)
    .replace(anchors.after, `${anchors.after}\n${read}`);
}

/** What a server has for the replication besides its configuration. */
function schemaOf({ role, serverId }: Replication): string[] {
  const followers = `${HEARTBEAT_SCHEMA}.${FOLLOWERS_TABLE}`;
  return [
    // the last one for the fence: a host that takes over refuses writes to this one
    `GRANT REPLICATION SLAVE, REPLICATION CLIENT, BACKUP_ADMIN, SYSTEM_VARIABLES_ADMIN ON *.* TO '${REPLICA_ACCOUNT}'@'%';`,
    `ALTER USER '${REPLICA_ACCOUNT}'@'%' REQUIRE SSL;`,
    `CREATE DATABASE IF NOT EXISTS ${HEARTBEAT_SCHEMA};`,
    `CREATE TABLE IF NOT EXISTS ${HEARTBEAT_SCHEMA}.heartbeat (id TINYINT PRIMARY KEY, at DATETIME(6) NOT NULL);`,
    `CREATE TABLE IF NOT EXISTS ${followers} (server_id INT UNSIGNED PRIMARY KEY, ts DATETIME(6) NOT NULL);`,
    `GRANT SELECT ON ${HEARTBEAT_SCHEMA}.heartbeat TO '${REPLICA_ACCOUNT}'@'%';`,
    `GRANT SELECT, INSERT, DELETE ON ${followers} TO '${REPLICA_ACCOUNT}'@'%';`,
    // what it said as a standby is no word about the one that follows it now
    ...(role === "source" ? [`DELETE FROM ${followers} WHERE server_id IN (${serverId}, ${serverId + FILES_ROW});`, ...HEARTBEAT] : []),
  ];
}

const HEARTBEAT = [
  `DROP EVENT IF EXISTS ${HEARTBEAT_SCHEMA}.heartbeat;`,
  `CREATE DEFINER='root'@'localhost' EVENT ${HEARTBEAT_SCHEMA}.heartbeat ON SCHEDULE EVERY 1 SECOND DO REPLACE INTO ${HEARTBEAT_SCHEMA}.heartbeat VALUES (1, UTC_TIMESTAMP(6));`,
];
