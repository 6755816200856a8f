/** What a healthy wiki tells, by the job that it is read from: metric with its labels → value now, and how much it rises in a minute. */
export type Samples = Readonly<Record<string, readonly [now: number, perMinute: number]>>;

/** Minutes after which the questions are asked: it is second 7200 then. */
export const MINUTES = 120;
const NOW = 60 * MINUTES;

/** Metrics that are not there until something happens: without them, nothing did. */
export const EVENTS = /^(traefik_.*_requests_total|cs_active_decisions|container_oom_kills_total|container_restarts_total)$/;

const CONTAINERS = ["bookstack", "bookstack-db", "traefik"];

function container(name: string): Samples {
  return {
    [`container_running{container="${name}"}`]: [1, 0],
    [`container_healthy{container="${name}"}`]: [1, 0],
    [`container_restarts_total{container="${name}"}`]: [2, 0],
    [`container_oom_kills_total{container="${name}"}`]: [0, 0],
    [`container_memory_working_set_bytes{container="${name}"}`]: [1e8, 0],
    [`container_memory_limit_bytes{container="${name}"}`]: [1e9, 0],
  };
}

const BACKUP: Samples = {
  backup_last_success_timestamp_seconds: [NOW - 3600, 0],
  backup_last_attempt_success: [1, 0],
  backup_sets: [10, 0],
  backup_free_bytes: [4e10, 0],
  backup_size_bytes: [8e8, 0],
  backup_drill_success: [1, 0],
  backup_drill_last_success_timestamp_seconds: [NOW - 3600, 0],
  backup_drill_duration_seconds: [131, 0],
  'backup_remote_last_success_timestamp_seconds{remote="one"}': [NOW - 3600, 0],
};

const CHECKS: Samples = {
  host_checks_last_run_timestamp_seconds: [NOW - 60, 60],
  host_security_updates_pending: [0, 0],
  host_reboot_required: [0, 0],
  'host_step_drift{part="ssh"}': [0, 0],
  host_firewall_blocks_total: [100, 0],
  'host_fail2ban_bans_total{jail="sshd"}': [1, 0],
  host_ssh_failed_logins_total: [7, 0],
};

const YEAR = 365 * 86_400;

const CERTIFICATES: Samples = {
  certificate_check_timestamp_seconds: [NOW - 60, 60],
  certificate_renewal_success: [1, 0],
  ...Object.fromEntries(
    ["edge", "authority", "database", "database-authority"].map((name) => [
      `certificate_end_timestamp_seconds{certificate="${name}"}`,
      [NOW + YEAR, 0] as const,
    ]),
  ),
  docker_certificate_end_timestamp_seconds: [NOW + YEAR, 0],
  'node_textfile_mtime_seconds{file="/textfile/docker-certificate/docker-certificate.prom"}': [NOW - 10, 60],
};

/** Two of each, where a host can have two: a tile has one value all the same. */
const NODE: Samples = {
  node_boot_time_seconds: [0, 0],
  'node_cpu_seconds_total{cpu="0",mode="idle"}': [7000, 57],
  'node_cpu_seconds_total{cpu="1",mode="idle"}': [7000, 57],
  'node_cpu_seconds_total{cpu="0",mode="user"}': [200, 3],
  node_load5: [0.4, 0],
  node_filefd_allocated: [3000, 0],
  node_vmstat_oom_kill: [0, 0],
  node_memory_MemTotal_bytes: [8e9, 0],
  node_memory_MemAvailable_bytes: [4e9, 0],
  node_memory_SwapTotal_bytes: [0, 0],
  node_memory_SwapFree_bytes: [0, 0],
  node_timex_sync_status: [1, 0],
  node_timex_offset_seconds: [0, 0],
  node_textfile_scrape_error: [0, 0],
  'node_filesystem_files{mountpoint="/",fstype="ext4"}': [1e6, 0],
  'node_filesystem_files_free{mountpoint="/",fstype="ext4"}': [9e5, 0],
  'node_filesystem_avail_bytes{mountpoint="/",fstype="ext4"}': [5e10, 0],
  'node_filesystem_size_bytes{mountpoint="/",fstype="ext4"}': [8e10, 0],
  'node_filesystem_readonly{mountpoint="/",fstype="ext4"}': [0, 0],
  'node_filesystem_avail_bytes{mountpoint="/data",fstype="ext4"}': [5e10, 0],
  'node_filesystem_size_bytes{mountpoint="/data",fstype="ext4"}': [8e10, 0],
  'node_filesystem_readonly{mountpoint="/data",fstype="ext4"}': [0, 0],
  'node_textfile_mtime_seconds{file="/textfile/containers/containers.prom"}': [NOW - 10, 60],
};

/** Job → what it tells. */
export const HEALTHY: Readonly<Record<string, Samples>> = {
  "node-exporter": { ...NODE, ...BACKUP, ...CHECKS, ...CERTIFICATES, ...Object.assign({}, ...CONTAINERS.map(container)) },
  bookstack: {
    bookstack_database_up: [1, 0],
    'bookstack_build_info{version="v26.05",php="8.4"}': [1, 0],
    bookstack_sessions_active: [3, 0],
    bookstack_users: [37, 0],
    'bookstack_entities{type="page"}': [412, 0],
    bookstack_default_admin_present: [0, 0],
    bookstack_entities_without_permissions: [0, 0],
    bookstack_permissions_restored_total: [0, 0],
    bookstack_database_certificate_end_timestamp_seconds: [NOW + YEAR, 0],
    bookstack_failed_logins_total: [0, 0],
    'bookstack_mails_total{result="failed"}': [0, 0],
    'bookstack_webhooks_total{result="failed"}': [0, 0],
    'bookstack_apache_workers{state="busy"}': [1, 0],
    bookstack_apache_workers_limit: [12, 0],
  },
  "bookstack-db": {
    mysql_up: [1, 0],
    mysql_global_status_uptime: [7000, 60],
    'mysql_version_info{version="8.4.11"}': [1, 0],
    mysql_global_status_queries: [9000, 60],
    mysql_global_variables_innodb_buffer_pool_size: [2.7e8, 0],
    mysql_global_status_max_used_connections: [21, 0],
    mysql_global_status_threads_connected: [5, 0],
    mysql_global_status_slow_queries: [0, 0],
    mysql_global_variables_max_connections: [60, 0],
    mysql_perf_schema_events_statements_sum_total: [9000, 60],
    mysql_perf_schema_events_statements_sum_timer_wait: [9, 0.06],
  },
  traefik: {
    'traefik_entrypoint_requests_total{entrypoint="websecure",code="200"}': [9000, 90],
    'traefik_entrypoint_requests_total{entrypoint="websecure",code="403"}': [90, 0],
    'traefik_router_requests_total{service="bookstack@file",code="200"}': [9000, 90],
    'traefik_router_requests_total{service="bookstack@file",code="304"}': [900, 9],
    traefik_config_last_reload_success: [100, 0],
    traefik_config_reloads_total: [1, 0],
    'traefik_tls_certs_not_after{cn="a"}': [NOW + 81 * 86_400, 0],
    'traefik_tls_certs_not_after{cn="b"}': [NOW + 61 * 86_400, 0],
  },
  crowdsec: {
    'cs_active_decisions{origin="crowdsec",reason="a"}': [2, 0],
    'cs_active_decisions{origin="CAPI",reason="b"}': [15_000, 0],
    'cs_info{version="1"}': [0, 0],
    'cs_lapi_bouncer_requests_total{bouncer="key_traefik"}': [700, 6],
  },
};

/** The same of jobs that no tile is about. */
export const UNSHOWN: Readonly<Record<string, Samples>> = {
  authelia: { go_info: [1, 0] },
  prometheus: { 'prometheus_rule_evaluation_failures_total{rule_group="a"}': [0, 0] },
  alertmanager: { 'alertmanager_notifications_failed_total{integration="email"}': [0, 0] },
  grafana: { go_info: [1, 0] },
};

/** Recordings that tiles ask for → job that they come from. */
export const RECORDED: Readonly<Record<string, string>> = {
  "host:cpu_busy:ratio": "node-exporter",
  "certificate:remaining_seconds": "node-exporter",
};
