import { ALERT_SOURCES, type AlertSource } from "../../../constructs/monitoring/alert-sources";
import { healthySystem } from "./healthy";

/** Series and their values, a minute apart, as promtool writes them: `0x60` stays, `0+2x60` rises by 2. */
export type Series = Readonly<Record<string, string>>;

/** What an alert is shown: something that raises it, and something that looks like it and does not. */
export interface AlertCase {
  readonly fires: Series;
  readonly quiet: Series;
  /** Minutes after which it is looked at; of more than 3000, values are ten minutes apart. @default 40 */
  readonly minutes?: number;
}

const NODE = 'job="node-exporter",instance="node-exporter:9100"';
const MYSQL = 'job="bookstack-db",instance="mysqld-exporter:9104"';
const WIKI = 'job="bookstack",instance="bookstack:8080"';
const EDGE = 'job="traefik",instance="traefik:8080"';
const CROWDSEC = 'job="crowdsec",instance="crowdsec:6060"';
const container = (name: string, more = "") => `${NODE},container="${name}"${more}`;
const disk = `${NODE},mountpoint="/",fstype="ext4",device="/dev/vda"`;
const requests = (code: string) => `traefik_router_requests_total{${EDGE},code="${code}",router="bookstack@file",service="bookstack@file"}`;
/** How many requests were answered within some time. */
const answered = (fast: string, all: string): Series => ({
  [`traefik_router_request_duration_seconds_bucket{${EDGE},service="bookstack@file",le="0.1"}`]: fast,
  [`traefik_router_request_duration_seconds_bucket{${EDGE},service="bookstack@file",le="5"}`]: all,
  [`traefik_router_request_duration_seconds_bucket{${EDGE},service="bookstack@file",le="+Inf"}`]: all,
});
/** What a standby says to be behind, in seconds. */
const followed = (server: string, seconds: number): Series => ({
  [`mysql_heartbeat_now_timestamp_seconds{${MYSQL},server_id="${server}"}`]: `${1000 + seconds}+60x60`,
  [`mysql_heartbeat_stored_timestamp_seconds{${MYSQL},server_id="${server}"}`]: "1000+60x60",
});
const steady = (name: string, value: number | string): Series => ({ [name]: `${value}x1600` });
/** One value that is wrong, and one that is not. */
const values = (name: string, wrong: number | string, right: number | string): AlertCase => ({ fires: steady(name, wrong), quiet: steady(name, right) });
/** The tests begin at second 0. */
const DAY = 86_400;

/** A source that gives everything but its first metric, or none of it; and one that cannot be read, about which another alert is. */
function without(...names: readonly (keyof typeof ALERT_SOURCES)[]): AlertCase {
  const sources: readonly AlertSource[] = names.map((name) => ALERT_SOURCES[name]);
  const [first] = sources;
  const gone = first?.always[0] ?? Object.values(first?.during ?? {})[0]?.[0] ?? "";
  return { fires: healthySystem({ gone: [gone] }), quiet: healthySystem({ down: sources.map(({ job }) => job) }), minutes: 20 };
}
const served = (serial: string) => `traefik_tls_certs_not_after{${EDGE},cn="auth.wiki.example.com",serial="${serial}"}`;
const written = (certificate: string) => `certificate_end_timestamp_seconds{${NODE},certificate="${certificate}"}`;
const shownByDatabase = `bookstack_database_certificate_end_timestamp_seconds{${WIKI}}`;
/** All certificates of an environment, read just now, with the given expiry dates. */
const certificates = (ends: Readonly<Record<string, number>>): Series => ({
  [`certificate_check_timestamp_seconds{${NODE}}`]: "0+60x1600",
  [`certificate_renewal_success{${NODE}}`]: "1x1600",
  ...Object.fromEntries(["edge", "authority", "database", "database-authority"].map((name) => [written(name), `${400 * DAY}x1600`])),
  ...Object.fromEntries(Object.entries(ends).map(([name, end]) => [name, `${end}x1600`])),
});

/** Name of the alert → what it is shown, with everything that the settings leave at its usual value. */
export const CASES: Readonly<Record<string, AlertCase>> = {
  Watchdog: { fires: {}, quiet: {} },
  TargetDown: values(`up{${WIKI}}`, 0, 1),
  MonitoringUnknown: without("prometheus", "alertmanager", "grafana"),
  MetricsOld: {
    fires: steady(`node_textfile_mtime_seconds{${NODE},file="/textfile/containers/containers.prom"}`, 0),
    quiet: { [`node_textfile_mtime_seconds{${NODE},file="/textfile/containers/containers.prom"}`]: "0+60x1600" },
  },
  MetricsUnreadable: values(`node_textfile_scrape_error{${NODE}}`, 1, 0),
  RulesFailing: {
    fires: { 'prometheus_rule_evaluation_failures_total{job="prometheus",rule_group="alerts.yml;wiki"}': "0+1x60" },
    quiet: { 'prometheus_rule_evaluation_failures_total{job="prometheus",rule_group="alerts.yml;wiki"}': "7x60" },
  },
  NotificationsFailing: {
    fires: { 'alertmanager_notifications_failed_total{job="alertmanager",integration="email",reason="other"}': "0+1x60" },
    quiet: { 'alertmanager_notifications_failed_total{job="alertmanager",integration="email",reason="other"}': "7x60" },
  },

  ContainerDown: values(`container_running{${container("bookstack")}}`, 0, 1),
  ContainerMissing: {
    fires: steady(`container_running{${container("bookstack")}}`, 1),
    // nothing is known of any
    quiet: {},
  },
  ContainersUnknown: without("containers"),
  ContainerUnhealthy: {
    fires: { ...steady(`container_healthy{${container("traefik")}}`, 0), ...steady(`container_running{${container("traefik")}}`, 1) },
    quiet: { ...steady(`container_healthy{${container("traefik")}}`, 0), ...steady(`container_running{${container("traefik")}}`, 0) },
  },
  ContainerRestarting: {
    fires: { [`container_restarts_total{${container("crowdsec")}}`]: "0+1x60" },
    // one in ten minutes may be chance
    quiet: { [`container_restarts_total{${container("crowdsec")}}`]: "0x32 1x20" },
  },
  ContainerOutOfMemory: {
    fires: { [`container_restarts_total{${container("bookstack-db")}}`]: "0x32 1x20", [`node_vmstat_oom_kill{${NODE}}`]: "5x32 6x20" },
    quiet: { [`container_restarts_total{${container("bookstack-db")}}`]: "0x32 1x20", [`node_vmstat_oom_kill{${NODE}}`]: "5x60" },
  },
  ContainerNearMemoryLimit: {
    fires: {
      ...steady(`container_memory_working_set_bytes{${container("authelia")}}`, 95),
      ...steady(`container_memory_limit_bytes{${container("authelia")}}`, 100),
    },
    quiet: {
      ...steady(`container_memory_working_set_bytes{${container("authelia")}}`, 85),
      ...steady(`container_memory_limit_bytes{${container("authelia")}}`, 100),
    },
  },

  HostUnknown: without("host"),
  HostBusy: {
    fires: { [`node_cpu_seconds_total{${NODE},cpu="0",mode="idle"}`]: "0+3x60" },
    quiet: { [`node_cpu_seconds_total{${NODE},cpu="0",mode="idle"}`]: "0+9x60" },
  },
  HostMemoryLow: {
    fires: { ...steady(`node_memory_MemAvailable_bytes{${NODE}}`, 5), ...steady(`node_memory_MemTotal_bytes{${NODE}}`, 100) },
    quiet: { ...steady(`node_memory_MemAvailable_bytes{${NODE}}`, 15), ...steady(`node_memory_MemTotal_bytes{${NODE}}`, 100) },
  },
  HostSwapping: {
    fires: { ...steady(`node_memory_SwapFree_bytes{${NODE}}`, 40), ...steady(`node_memory_SwapTotal_bytes{${NODE}}`, 100) },
    // a host without swap
    quiet: { ...steady(`node_memory_SwapFree_bytes{${NODE}}`, 0), ...steady(`node_memory_SwapTotal_bytes{${NODE}}`, 0) },
  },
  ClockWrong: {
    fires: { ...steady(`node_timex_offset_seconds{${NODE}}`, "-0.2"), ...steady(`node_timex_sync_status{${NODE}}`, 1) },
    quiet: { ...steady(`node_timex_offset_seconds{${NODE}}`, "-0.01"), ...steady(`node_timex_sync_status{${NODE}}`, 1) },
  },
  HostOutOfMemory: { fires: { [`node_vmstat_oom_kill{${NODE}}`]: "5x32 6x20" }, quiet: { [`node_vmstat_oom_kill{${NODE}}`]: "5x60" } },
  DiskFull: {
    fires: {
      ...steady(`node_filesystem_avail_bytes{${disk}}`, 5),
      ...steady(`node_filesystem_size_bytes{${disk}}`, 100),
      ...steady(`node_filesystem_readonly{${disk}}`, 0),
    },
    // a disc that came full
    quiet: {
      ...steady(`node_filesystem_avail_bytes{${disk}}`, 0),
      ...steady(`node_filesystem_size_bytes{${disk}}`, 100),
      ...steady(`node_filesystem_readonly{${disk}}`, 1),
    },
  },
  DiskFillsUp: {
    fires: { [`node_filesystem_avail_bytes{${disk}}`]: "400-0.5x400", ...steady(`node_filesystem_size_bytes{${disk}}`, 1000) },
    // as fast, and there is room enough
    quiet: { [`node_filesystem_avail_bytes{${disk}}`]: "900-0.5x400", ...steady(`node_filesystem_size_bytes{${disk}}`, 1000) },
    minutes: 120,
  },
  DiskWithoutInodes: {
    fires: { ...steady(`node_filesystem_files_free{${disk}}`, 5), ...steady(`node_filesystem_files{${disk}}`, 100) },
    // a file system that has none
    quiet: { ...steady(`node_filesystem_files_free{${disk}}`, 0), ...steady(`node_filesystem_files{${disk}}`, 0) },
  },
  FirewallBusy: { fires: { [`host_firewall_blocks_total{${NODE}}`]: "0+500x60" }, quiet: { [`host_firewall_blocks_total{${NODE}}`]: "0+100x60" } },
  HostDrift: values(`host_step_drift{${NODE},part="sysctl"}`, 1, 0),
  HostChecksOld: {
    fires: steady(`host_checks_last_run_timestamp_seconds{${NODE}}`, 1),
    quiet: { [`host_checks_last_run_timestamp_seconds{${NODE}}`]: "0+60x1600" },
    minutes: 200,
  },
  HostChecksUnknown: without("hostChecks"),
  RebootNeeded: values(`host_reboot_required{${NODE}}`, 1, 0),
  UpdatesPending: {
    fires: steady(`host_security_updates_pending{${NODE}}`, 3),
    // they came half a day ago
    quiet: { [`host_security_updates_pending{${NODE}}`]: "0x800 3x800" },
    minutes: 1500,
  },

  DatabaseDown: {
    // down, and its exporter still waits for it
    fires: steady(`container_running{${container("bookstack-db")}}`, 0),
    quiet: { ...steady(`container_running{${container("bookstack-db")}}`, 1), ...steady(`mysql_up{${MYSQL}}`, 1) },
  },
  DatabaseUnknown: without("database"),
  DatabaseConnections: {
    fires: { ...steady(`mysql_global_status_threads_connected{${MYSQL}}`, 55), ...steady(`mysql_global_variables_max_connections{${MYSQL}}`, 60) },
    quiet: { ...steady(`mysql_global_status_threads_connected{${MYSQL}}`, 40), ...steady(`mysql_global_variables_max_connections{${MYSQL}}`, 60) },
  },
  DatabaseSlowQueries: {
    fires: { [`mysql_global_status_slow_queries{${MYSQL}}`]: "0+5x60" },
    quiet: { [`mysql_global_status_slow_queries{${MYSQL}}`]: "0+1x60" },
  },
  DatabaseSlow: {
    fires: {
      [`mysql_perf_schema_events_statements_sum_timer_wait{${MYSQL}}`]: "0+30x60",
      [`mysql_perf_schema_events_statements_sum_total{${MYSQL}}`]: "0+100x60",
    },
    quiet: {
      [`mysql_perf_schema_events_statements_sum_timer_wait{${MYSQL}}`]: "0+1x60",
      [`mysql_perf_schema_events_statements_sum_total{${MYSQL}}`]: "0+100x60",
    },
  },
  ReplicationLags: { fires: { ...followed("2", 300), ...followed("102", 20) }, quiet: { ...followed("2", 2), ...followed("102", 90) } },
  // a standby whose files nobody has copied yet
  StandbyUnknown: {
    fires: { ...steady(`mysql_up{${MYSQL}}`, 1), ...followed("2", 2) },
    quiet: { ...steady(`mysql_up{${MYSQL}}`, 1), ...followed("2", 2), ...followed("102", 30) },
  },

  WikiWithoutDatabase: values(`bookstack_database_up{${WIKI}}`, 0, 1),
  WikiUnknown: without("wiki"),
  WikiErrors: {
    fires: { [requests("200")]: "0+10x60", [requests("503")]: "0+1x60" },
    // one request in ten minutes, and it failed
    quiet: { [requests("200")]: "7x60", [requests("503")]: "0x32 1x20" },
  },
  WikiSlow: { fires: answered("0+1x60", "0+20x60"), quiet: answered("0+20x60", "0+20x60") },
  WikiWorkersTaken: {
    fires: { ...steady(`bookstack_apache_workers{${WIKI},state="busy"}`, 10), ...steady(`bookstack_apache_workers_limit{${WIKI}}`, 12) },
    quiet: { ...steady(`bookstack_apache_workers{${WIKI},state="busy"}`, 6), ...steady(`bookstack_apache_workers_limit{${WIKI}}`, 12) },
  },
  WikiMailFails: {
    fires: { [`bookstack_mails_total{${WIKI},result="failed"}`]: "0x35 1x30", [`bookstack_mails_total{${WIKI},result="sent"}`]: "0x60" },
    quiet: { [`bookstack_mails_total{${WIKI},result="failed"}`]: "3x60", [`bookstack_mails_total{${WIKI},result="sent"}`]: "0+1x60" },
  },
  WikiWebhooksFail: {
    fires: { [`bookstack_webhooks_total{${WIKI},result="failed"}`]: "0x35 1x30", [`bookstack_webhooks_total{${WIKI},result="sent"}`]: "0x60" },
    quiet: { [`bookstack_webhooks_total{${WIKI},result="failed"}`]: "3x60", [`bookstack_webhooks_total{${WIKI},result="sent"}`]: "0+1x60" },
  },
  StockAccount: values(`bookstack_default_admin_present{${WIKI}}`, 1, 0),
  WikiContentInvisible: {
    fires: steady(`bookstack_entities_without_permissions{${WIKI}}`, 17),
    // restored by the wiki without manual action
    quiet: { [`bookstack_entities_without_permissions{${WIKI}}`]: "0x30 17x2 0x60" },
  },
  WikiContentRestored: {
    fires: { [`bookstack_permissions_restored_total{${WIKI}}`]: "0x36 17x60" },
    quiet: steady(`bookstack_permissions_restored_total{${WIKI}}`, 17),
  },

  FailedLoginsPortal: {
    // the first one begins the series: there is nothing before it to compare with
    fires: {
      'up{job="authelia",instance="authelia:9959"}': "1x60",
      'authelia_authn_duration_count{job="authelia",instance="authelia:9959",success="false"}': "_x35 30x20",
    },
    // all of them lie back
    quiet: {
      'up{job="authelia",instance="authelia:9959"}': "1x60",
      'authelia_authn_duration_count{job="authelia",instance="authelia:9959",success="false"}': "30x60",
    },
  },
  FailedLoginsWiki: { fires: { [`bookstack_failed_logins_total{${WIKI}}`]: "0+5x60" }, quiet: { [`bookstack_failed_logins_total{${WIKI}}`]: "0+1x60" } },
  BansSurge: {
    fires: {
      ...steady(`cs_info{${CROWDSEC},version="1"}`, 0),
      [`cs_active_decisions{${CROWDSEC},action="ban",origin="crowdsec",reason="http-probing"}`]: "_x35 30x20",
    },
    // as many as before
    quiet: {
      // as many as when it was read for the first time
      [`cs_info{${CROWDSEC},version="1"}`]: "_x35 0x30",
      [`cs_active_decisions{${CROWDSEC},action="ban",origin="crowdsec",reason="http-probing"}`]: "_x35 30x30",
    },
  },
  EdgeAsksNobody: {
    // the firewall of the host goes on
    fires: {
      [`cs_lapi_bouncer_requests_total{${CROWDSEC},bouncer="key_traefik"}`]: "70x60",
      [`cs_lapi_bouncer_requests_total{${CROWDSEC},bouncer="key_firewall"}`]: "0+6x60",
    },
    quiet: { [`cs_lapi_bouncer_requests_total{${CROWDSEC},bouncer="key_traefik"}`]: "0+6x60" },
  },
  EdgeUnknown: without("edge"),
  CrowdSecUnknown: without("crowdsec"),
  PortalUnknown: without("portal"),
  CertificateEndsSoon: {
    fires: certificates({ [served("1")]: 13 * DAY }),
    // the edge goes on to count the one that it has replaced
    quiet: certificates({ [served("1")]: 2 * DAY, [served("2")]: 80 * DAY }),
  },
  CertificateEnds: {
    // the file was renewed, and the database goes on to show the old one
    fires: certificates({ [shownByDatabase]: 6 * DAY, [written("database")]: 800 * DAY }),
    quiet: certificates({ [shownByDatabase]: 8 * DAY, [written("database")]: 800 * DAY }),
  },
  AuthorityEnds: { fires: certificates({ [written("authority")]: 73 * DAY }), quiet: certificates({ [written("authority")]: 75 * DAY }) },
  CertificateUnknown: {
    fires: Object.fromEntries(Object.entries(certificates({})).filter(([name]) => name !== written("database-authority"))),
    quiet: certificates({}),
  },
  CertificateRenewalFails: values(`certificate_renewal_success{${NODE}}`, 0, 1),
  FailedLoginsHost: { fires: { [`host_ssh_failed_logins_total{${NODE}}`]: "0+5x60" }, quiet: { [`host_ssh_failed_logins_total{${NODE}}`]: "0+1x60" } },
  HostBansSurge: {
    fires: { [`host_fail2ban_bans_total{${NODE},jail="sshd"}`]: "0+5x60" },
    quiet: { [`host_fail2ban_bans_total{${NODE},jail="sshd"}`]: "0+1x60" },
  },

  BackupTooOld: {
    fires: steady(`backup_last_success_timestamp_seconds{${NODE}}`, 0),
    quiet: steady(`backup_last_success_timestamp_seconds{${NODE}}`, 3600),
    minutes: 26 * 60 + 30,
  },
  BackupFailed: values(`backup_last_attempt_success{${NODE}}`, 0, 1),
  BackupUnknown: without("backup"),
  BackupNeverMade: {
    fires: steady(`backup_sets{${NODE}}`, 0),
    quiet: { ...steady(`backup_sets{${NODE}}`, 0), ...steady(`backup_last_success_timestamp_seconds{${NODE}}`, 0) },
    minutes: 26 * 60 + 30,
  },
  BackupSpaceLow: {
    fires: { ...steady(`backup_free_bytes{${NODE}}`, 150), ...steady(`backup_size_bytes{${NODE}}`, 100) },
    quiet: { ...steady(`backup_free_bytes{${NODE}}`, 250), ...steady(`backup_size_bytes{${NODE}}`, 100) },
  },
  RemoteBackupFailed: {
    fires: { ...steady(`backup_remote_success{${NODE},remote="s3"}`, 1), ...steady(`backup_remote_check_success{${NODE},remote="s3"}`, 0) },
    quiet: { ...steady(`backup_remote_success{${NODE},remote="s3"}`, 1), ...steady(`backup_remote_check_success{${NODE},remote="s3"}`, 1) },
  },
  RemoteBackupTooOld: {
    fires: steady(`backup_remote_last_success_timestamp_seconds{${NODE},remote="s3"}`, 0),
    quiet: steady(`backup_remote_last_success_timestamp_seconds{${NODE},remote="s3"}`, 3600),
    minutes: 26 * 60 + 30,
  },
  RemoteBackupNeverMade: {
    fires: steady(`backup_sets{${NODE}}`, 3),
    quiet: { ...steady(`backup_sets{${NODE}}`, 3), ...steady(`backup_remote_last_success_timestamp_seconds{${NODE},remote="s3"}`, 0) },
    minutes: 26 * 60 + 30,
  },
  RemoteCheckTooOld: values(`backup_remote_check_last_success_timestamp_seconds{${NODE},remote="s3"}`, -9 * DAY, -7 * DAY),
  DrillNeverMade: {
    fires: { [`backup_sets{${NODE}}`]: "3x1200" },
    quiet: { [`backup_sets{${NODE}}`]: "3x1200", [`backup_drill_last_success_timestamp_seconds{${NODE}}`]: "0x1200" },
    minutes: 8 * 24 * 60 + 30,
  },
  DrillFailed: values(`backup_drill_success{${NODE}}`, 0, 1),
  DrillTooOld: values(`backup_drill_last_success_timestamp_seconds{${NODE}}`, -9 * DAY, -7 * DAY),
};
