/** Where metrics come from: one job of Prometheus, or one of the files that its job node-exporter reads. */
export interface AlertSource {
  readonly job: string;
  /** Metrics that are there from the first read on. */
  readonly always: readonly string[];
  /** Metrics that are there while a condition (PromQL) holds. */
  readonly during?: Readonly<Record<string, readonly string[]>>;
  /** Metrics that begin with their first event, so that none means that nothing happened while the source is read. */
  readonly events?: readonly string[];
  /** Metric → alert that is raised when it is missing. */
  readonly ownAlert?: Readonly<Record<string, string>>;
}

const NODE = "node-exporter";
/** Seconds after which what the checks of the host wrote is old: they run each ten minutes. */
export const HOST_CHECKS_OLD = 7200;

/** Every metric that an alert reads, by its source: what is missing there raises an alert, so that silence is not taken for health. */
export const ALERT_SOURCES = {
  host: {
    job: NODE,
    always: [
      "node_cpu_seconds_total",
      "node_memory_MemAvailable_bytes",
      "node_memory_MemTotal_bytes",
      "node_memory_SwapFree_bytes",
      "node_memory_SwapTotal_bytes",
      "node_filesystem_avail_bytes",
      "node_filesystem_size_bytes",
      "node_filesystem_files",
      "node_filesystem_files_free",
      "node_filesystem_readonly",
      "node_timex_offset_seconds",
      "node_timex_sync_status",
      "node_vmstat_oom_kill",
      "node_textfile_scrape_error",
    ],
  },
  hostChecks: {
    job: NODE,
    always: [],
    during: {
      "host_checks_last_run_timestamp_seconds > 0": [
        "host_step_drift",
        "host_firewall_blocks_total",
        "host_fail2ban_bans_total",
        "host_ssh_failed_logins_total",
        "host_security_updates_pending",
        "host_reboot_required",
      ],
    },
    ownAlert: { host_checks_last_run_timestamp_seconds: "HostChecksOld" },
  },
  containers: {
    job: NODE,
    always: ["container_running", "container_healthy", "container_restarts_total", "node_textfile_mtime_seconds"],
    during: { "container_running == 1": ["container_memory_working_set_bytes", "container_memory_limit_bytes", "container_oom_kills_total"] },
  },
  backup: {
    job: NODE,
    always: ["backup_sets", "backup_free_bytes"],
    during: {
      "backup_last_success_timestamp_seconds > 0": ["backup_size_bytes", "backup_last_attempt_success"],
      "backup_drill_last_success_timestamp_seconds > 0": ["backup_drill_success"],
    },
    events: ["backup_remote_success", "backup_remote_check_success", "backup_remote_check_last_success_timestamp_seconds"],
    ownAlert: {
      backup_last_success_timestamp_seconds: "BackupNeverMade",
      backup_remote_last_success_timestamp_seconds: "RemoteBackupNeverMade",
      backup_drill_last_success_timestamp_seconds: "DrillNeverMade",
    },
  },
  certificates: {
    job: NODE,
    always: ["certificate_end_timestamp_seconds", "certificate_check_timestamp_seconds", "certificate_renewal_success"],
    // where Docker is reached over TLS
    events: ["docker_certificate_end_timestamp_seconds"],
  },
  database: {
    job: "bookstack-db",
    always: ["mysql_up"],
    during: {
      "mysql_up == 1": [
        "mysql_global_status_threads_connected",
        "mysql_global_status_slow_queries",
        "mysql_global_variables_max_connections",
        "mysql_perf_schema_events_statements_sum_total",
        "mysql_perf_schema_events_statements_sum_timer_wait",
      ],
    },
    // a replica alone has them
    events: ["mysql_slave_status_seconds_behind_master", "mysql_slave_status_slave_sql_running"],
  },
  /** What a standby says of itself. */
  standby: {
    job: "bookstack-db",
    always: [],
    during: { "mysql_up == 1": ["mysql_heartbeat_now_timestamp_seconds", "mysql_heartbeat_stored_timestamp_seconds"] },
  },
  wiki: {
    job: "bookstack",
    always: [
      "bookstack_database_up",
      "bookstack_failed_logins_total",
      "bookstack_mails_total",
      "bookstack_webhooks_total",
      "bookstack_apache_workers",
      "bookstack_apache_workers_limit",
    ],
    during: {
      "bookstack_database_up == 1": [
        "bookstack_default_admin_present",
        "bookstack_database_certificate_end_timestamp_seconds",
        "bookstack_entities_without_permissions",
      ],
    },
    events: ["bookstack_permissions_restored_total"],
  },
  edge: {
    job: "traefik",
    always: ["traefik_config_reloads_total", "traefik_tls_certs_not_after"],
    events: ["traefik_router_requests_total", "traefik_router_request_duration_seconds_bucket"],
  },
  crowdsec: {
    job: "crowdsec",
    always: ["cs_info"],
    events: ["cs_active_decisions"],
    ownAlert: { cs_lapi_bouncer_requests_total: "EdgeAsksNobody" },
  },
  portal: { job: "authelia", always: ["go_info"], events: ["authelia_authn_duration_count"] },
  prometheus: { job: "prometheus", always: ["prometheus_rule_evaluation_failures_total"] },
  alertmanager: { job: "alertmanager", always: ["alertmanager_notifications_failed_total"] },
  grafana: { job: "grafana", always: ["up"] },
} as const satisfies Readonly<Record<string, AlertSource>>;

/** A metric that a job has whenever it is read; `up` where no alert reads any. */
export function firstMetricOf(job: string): string {
  const source = Object.values<AlertSource>(ALERT_SOURCES).find((candidate) => candidate.job === job);
  return `${source?.always[0] ?? "up"}{job="${job}"}`;
}

/**
 * PromQL that gives one series, with the job, while anything that `source` always has is missing, however much it is. While the job cannot
 * be read it gives nothing: another alert says so.
 */
export function missing({ job, always, during = {} }: AlertSource): string {
  const absent = (metric: string) => `absent(${metric}{job="${job}"})`;
  const conditional = Object.entries(during).map(([condition, metrics]) => `((${metrics.map(absent).join(" or ")}) and on () ${condition})`);
  return `(${[...always.map(absent), ...conditional].join(" or ")}) unless on (job) up{job="${job}"} == 0`;
}
