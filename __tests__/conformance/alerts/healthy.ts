import { ALERT_SOURCES, type AlertSource } from "../../../constructs/monitoring/alert-sources";
import type { Series } from "./cases";

const NODE = 'job="node-exporter",instance="node-exporter:9100"';
const DISK = `${NODE},mountpoint="/",fstype="ext4",device="/dev/vda"`;
const CONTAINERS = ["bookstack", "bookstack-db"];
/** The tests begin at second 0: what happened then is an hour old at most. */
const AT_ONCE = 1;
const YEAR = 31_536_000;

/** Metric → its series, without the job, and their values, for what is neither one series nor 1. */
const VALUES: Readonly<Record<string, Series>> = {
  node_cpu_seconds_total: { 'cpu="0",mode="idle"': "0+50x30" },
  node_memory_MemAvailable_bytes: { "": "60x30" },
  node_memory_MemTotal_bytes: { "": "100x30" },
  node_memory_SwapFree_bytes: { "": "90x30" },
  node_memory_SwapTotal_bytes: { "": "100x30" },
  node_filesystem_avail_bytes: { [DISK]: "60x30" },
  node_filesystem_size_bytes: { [DISK]: "100x30" },
  node_filesystem_files_free: { [DISK]: "60x30" },
  node_filesystem_files: { [DISK]: "100x30" },
  node_filesystem_readonly: { [DISK]: "0x30" },
  node_timex_offset_seconds: { "": "0x30" },
  node_vmstat_oom_kill: { "": "0x30" },
  node_textfile_scrape_error: { "": "0x30" },
  node_textfile_mtime_seconds: { 'file="/textfile/containers/containers.prom"': "0+60x30" },
  host_checks_last_run_timestamp_seconds: { "": "1+60x30" },
  host_step_drift: { 'part="firewall"': "0x30" },
  host_fail2ban_bans_total: { 'jail="sshd"': "0x30" },
  host_security_updates_pending: { "": "0x30" },
  host_reboot_required: { "": "0x30" },
  ...ofContainers({ container_restarts_total: "0x30", container_oom_kills_total: "0x30", container_memory_working_set_bytes: "50x30" }),
  ...ofContainers({ container_running: "1x30", container_healthy: "1x30", container_memory_limit_bytes: "100x30" }),
  backup_free_bytes: { "": "900x30" },
  backup_size_bytes: { "": "100x30" },
  backup_remote_success: { 'remote="s3"': "1x30" },
  backup_remote_check_success: { 'remote="s3"': "1x30" },
  backup_remote_check_last_success_timestamp_seconds: { 'remote="s3"': "1x30" },
  backup_remote_last_success_timestamp_seconds: { 'remote="s3"': "1x30" },
  mysql_global_status_threads_connected: { "": "10x30" },
  mysql_global_variables_max_connections: { "": "100x30" },
  mysql_global_status_slow_queries: { "": "0x30" },
  mysql_perf_schema_events_statements_sum_timer_wait: { "": "0+1x30" },
  mysql_perf_schema_events_statements_sum_total: { "": "0+1000x30" },
  mysql_slave_status_seconds_behind_master: { "": "0x30" },
  mysql_heartbeat_now_timestamp_seconds: { 'server_id="2"': "5+60x30", 'server_id="102"': "5+60x30" },
  mysql_heartbeat_stored_timestamp_seconds: { 'server_id="2"': "0+60x30", 'server_id="102"': "0+60x30" },
  bookstack_failed_logins_total: { "": "0x30" },
  bookstack_mails_total: { 'result="failed"': "0x30", 'result="sent"': "0x30" },
  bookstack_webhooks_total: { 'result="failed"': "0x30", 'result="sent"': "0x30" },
  bookstack_apache_workers: { 'state="busy"': "1x30", 'state="idle"': "5x30" },
  bookstack_apache_workers_limit: { "": "12x30" },
  bookstack_default_admin_present: { "": "0x30" },
  bookstack_entities_without_permissions: { "": "0x30" },
  bookstack_permissions_restored_total: { "": "0x30" },
  certificate_end_timestamp_seconds: Object.fromEntries(
    ["edge", "authority", "database", "database-authority"].map((name) => [`certificate="${name}"`, `${YEAR}x30`]),
  ),
  docker_certificate_end_timestamp_seconds: { "": `${YEAR}x30` },
  bookstack_database_certificate_end_timestamp_seconds: { "": `${YEAR}x30` },
  traefik_tls_certs_not_after: { 'cn="wiki.localhost"': `${YEAR}x30` },
  traefik_router_requests_total: { 'code="200",service="bookstack@file"': "0+60x30" },
  traefik_router_request_duration_seconds_bucket: {
    'service="bookstack@file",le="0.1"': "0+60x30",
    'service="bookstack@file",le="+Inf"': "0+60x30",
  },
  cs_info: { 'version="1"': "0x30" },
  cs_active_decisions: { 'origin="crowdsec",reason="http-probing"': "0x30" },
  cs_lapi_bouncer_requests_total: { 'bouncer="key_traefik"': "0+6x30" },
  authelia_authn_duration_count: { 'success="false"': "0x30" },
  prometheus_rule_evaluation_failures_total: { 'rule_group="alerts.yml;wiki"': "0x30" },
  alertmanager_notifications_failed_total: { 'integration="email",reason="other"': "0x30" },
};

function ofContainers(values: Series): Readonly<Record<string, Series>> {
  return Object.fromEntries(
    Object.entries(values).map(([metric, value]) => [metric, Object.fromEntries(CONTAINERS.map((name) => [`container="${name}"`, value]))]),
  );
}

/** Every metric of a source. */
export function metricsOf({ always, during = {}, events = [], ownAlert = {} }: AlertSource): string[] {
  return [...always, ...Object.values(during).flat(), ...events, ...Object.keys(ownAlert)].filter((metric) => metric !== "up");
}

/** Series of a healthy system, without the metrics in `gone` and the jobs in `down`. */
export function healthySystem({ gone = [], down = [] }: { readonly gone?: readonly string[]; readonly down?: readonly string[] } = {}): Series {
  const all = Object.values(ALERT_SOURCES).flatMap((source: AlertSource) => {
    const instance = `job="${source.job}",instance="${source.job === "bookstack-db" ? "mysqld-exporter" : source.job}:1"`;
    if (down.includes(source.job)) return [[`up{${instance}}`, "0x30"] as const];
    const wanted = metricsOf(source).filter((metric) => !gone.includes(metric) && !(metric === "mysql_slave_status_slave_sql_running"));
    return [
      ...(gone.includes(`up ${source.job}`) ? [] : [[`up{${instance}}`, "1x30"] as const]),
      ...wanted.flatMap((metric) =>
        Object.entries(VALUES[metric] ?? { "": `${AT_ONCE}x30` }).map(
          ([labels, value]) => [`${metric}{${labels.includes("job=") ? labels : [instance, ...(labels === "" ? [] : [labels])].join(",")}}`, value] as const,
        ),
      ),
    ];
  });
  return Object.fromEntries(all);
}
