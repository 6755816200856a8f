import { Duration } from "../core/duration";

/** Time up to which a standby has everything: one series for its database, and one for its files. */
const FOLLOWED = "mysql_heartbeat_stored_timestamp_seconds";
const NOW = "mysql_heartbeat_now_timestamp_seconds";
/** Files are copied every 30 seconds, and a copy takes its time. */
export const FILES_INTERVAL = Duration.seconds(60);

/** Rows of files have the number of the host, and a hundred more. */
const [DATABASE_ROWS, FILES_ROWS] = ["[0-9]{1,2}", "1[0-9]{2}"];

/** Seconds that a standby is behind: they increase while it does not follow, and while it reports nothing. */
export const STANDBY_LAG = {
  database: lag(DATABASE_ROWS),
  files: lag(FILES_ROWS),
} as const;

/** PromQL that gives one series while one of the two is missing. */
export const STANDBY_MISSING = [DATABASE_ROWS, FILES_ROWS].map((servers) => `absent(${FOLLOWED}{job="bookstack-db",server_id=~"${servers}"})`).join(" or ");

function lag(servers: string): string {
  return `${NOW} - ${FOLLOWED}{server_id=~"${servers}"}`;
}
