/** Each setting of the monitoring, the alerts and the backup: a value that nothing else has, and every place that depends on it. */
export interface Setting {
  /** As in an environment file. */
  readonly value: string;
  /** Place → what it has with this value, and not without. */
  readonly reaches: Readonly<Record<string, RegExp>>;
}

const ALERTS = "prometheus:alerts.yml";
const RECORDINGS = "prometheus:recordings.yml";
const ALERTMANAGER = "alertmanager:alertmanager.yml";
const dashboard = (id: string) => `grafana:dashboards/${id}.json`;
/** A colour that begins there. */
const step = (value: number) => new RegExp(`"value": ${`${value}`.replace(".", "\\.")}\\b`);
/** Where an alert begins, and dashboards that are drawn with it. */
const threshold = (value: string, expression: RegExp, shown: Readonly<Record<string, RegExp>> = {}): Setting => ({
  value,
  reaches: { [ALERTS]: expression, ...Object.fromEntries(Object.entries(shown).map(([id, seen]) => [dashboard(id), seen])) },
});
const part = (container: string, memory: number, hundredths: number): Record<"memory" | "cpus", Setting> => ({
  memory: { value: `${memory}M`, reaches: { [container]: new RegExp(`"memory":${memory},"memory_swap":${memory}\\b`) } },
  cpus: { value: `${hundredths / 100}`, reaches: { [container]: new RegExp(`"cpu_quota":${hundredths * 1000}\\b`) } },
});
const parts = (block: string, { memory, cpus }: Record<"memory" | "cpus", Setting>) => ({ [`${block}.memory`]: memory, [`${block}.cpus`]: cpus });

export const SETTINGS: Readonly<Record<string, Setting>> = {
  "monitoring.interval": {
    value: "31s",
    reaches: {
      "prometheus:prometheus.yml": /scrape_interval: 31s\n *scrape_timeout: 31s\n *evaluation_interval: 31s/,
      "grafana:provisioning/datasources/prometheus.yaml": /timeInterval: 31s/,
      "container-metrics": /CONTAINERS_SECONDS=31".*"interval":"31s"/,
      // old after eight reads, and the edge is asked about after six
      [ALERTS]: /\[186s\](.|\n)*containers\[\.\]prom"\} > 248/,
      [dashboard("docker")]: /> time\(\) - 248/,
      [dashboard("overview")]: /> time\(\) - 248/,
    },
  },
  "monitoring.retentionDays": { value: "23", reaches: { prometheus: /retention\.time=23d/ } },
  "monitoring.retentionSize": { value: "3G", reaches: { prometheus: /retention\.size=3221225472B/ } },
  "monitoring.dockerRoot": {
    value: "/srv/engine",
    reaches: {
      "container-metrics": /"source":"\/srv\/engine\/containers"/,
      "node-exporter": /\|srv\/engine\/\.\+\|/,
      "host:auditd": /-F dir=\/srv\/engine -F perm=wa/,
      "host:fail2ban": /\/srv\/engine\/volumes\/wiki-database-logs\/_data\/error\.log/,
    },
  },
  ...parts("monitoring.prometheus", part("prometheus", 601, 61)),
  ...parts("monitoring.alertmanager", part("alertmanager", 202, 62)),
  ...parts("monitoring.grafana", part("grafana", 603, 63)),
  ...parts("monitoring.nodeExporter", part("node-exporter", 104, 64)),
  ...parts("monitoring.mysqldExporter", part("mysqld-exporter", 105, 65)),
  ...parts("monitoring.containerMetrics", part("container-metrics", 106, 66)),

  "alerts.email": { value: "night@example.com", reaches: { [ALERTMANAGER]: /- to: night@example\.com/ } },
  "alerts.webhook": { value: "true", reaches: { [ALERTMANAGER]: /url_file: \/run\/secrets\/alert_webhook_url/, "host:secrets": /\talert_webhook_url\t/ } },
  "alerts.deadMan": { value: "true", reaches: { [ALERTMANAGER]: /url_file: \/run\/secrets\/alert_dead_man_url/, "host:secrets": /\talert_dead_man_url\t/ } },
  "alerts.pending": { value: "7m", reaches: { [ALERTS]: /for: 420s\n *keep_firing_for: 420s/ } },
  "alerts.window": { value: "13m", reaches: { [ALERTS]: /\[780s\]/, [RECORDINGS]: /\[780s\]/, [dashboard("security")]: /within 780s/ } },
  "alerts.groupInterval": { value: "6m", reaches: { [ALERTMANAGER]: /group_interval: 360s/ } },
  "alerts.repeat": { value: "5h", reaches: { [ALERTMANAGER]: /repeat_interval: 18000s/ } },
  "alerts.thresholds.cpuPercent": threshold("71", /mode="idle"\}\[\d+s\]\)\)\) > 71 or /, { node: step(0.71), overview: step(0.71) }),
  "alerts.thresholds.memoryPercent": threshold("72", /container_memory_limit_bytes > 0\) > 72 or (.|\n)*node_memory_MemTotal_bytes\) > 72 or /, {
    docker: step(0.72),
    overview: step(0.72),
  }),
  "alerts.thresholds.swapPercent": threshold("33", /node_memory_SwapTotal_bytes > 0\)\) > 33 or /, { node: /from 33 % on \(swapPercent\)/ }),
  "alerts.thresholds.diskPercent": threshold("74", /node_filesystem_size_bytes\{[^}]*\} > 0\)\) > 74 or /, { node: step(0.74), overview: step(0.74) }),
  "alerts.thresholds.diskHours": threshold("17", /\[6h\], 61200\) < 0(.|\n)*will be full within 17 hours/),
  "alerts.thresholds.clockMs": threshold("119", /abs\(node_timex_offset_seconds\) > 0\.119 or/, { node: /from 0\.119 s on \(clockMs\)/ }),
  "alerts.thresholds.restarts": threshold("7", /increase\(container_restarts_total\[\d+s\]\) >= 7\b/),
  "alerts.thresholds.connectionsPercent": threshold("67", /mysql_global_variables_max_connections > 67 or /),
  "alerts.thresholds.slowQueries": threshold("37", /increase\(mysql_global_status_slow_queries\[\d+s\]\) > 37\b/),
  "alerts.thresholds.queryTime": threshold("271ms", /events_statements_sum_total\[\d+s\]\) > 0\.271 or /, { mysql: step(0.271) }),
  "alerts.thresholds.replicationLag": threshold("79s", /seconds_behind_master > 79 or/),
  "alerts.thresholds.responseTime": threshold("3s", /wiki:response_seconds:p95 > 3 or /, { bookstack: step(3), overview: step(3) }),
  "alerts.thresholds.errorPercent": threshold("11", /> 11 and sum/, { bookstack: step(0.11), overview: step(0.11), traefik: step(0.11) }),
  "alerts.thresholds.failedLogins": threshold("43", /bookstack_failed_logins_total\[\d+s\]\) > 43\b/, { security: /above 43 \(failedLogins\)/ }),
  "alerts.thresholds.bans": threshold("47", /cs_info offset \d+s\) \* 0\) > 47\b/),
  "alerts.thresholds.firewallBlocks": threshold("5303", /host_firewall_blocks_total(.|\n)*> 5303\b/, { security: /above 5303 \(firewallBlocks\)/ }),
  "alerts.thresholds.certificateDays": threshold("29", /\/ 86400 < 29\b/, { security: /< bool 2505600\b/, overview: step(29), traefik: step(29) }),
  "alerts.thresholds.backupHours": threshold(
    "31",
    /backup_last_success_timestamp_seconds > 111600(.|\n)*for: 111600s(.|\n)*backup_remote_last_success_timestamp_seconds > 111600/,
    { backup: step(111_600), overview: step(111_600) },
  ),
  "alerts.thresholds.drillDays": threshold("19", /backup_drill_last_success_timestamp_seconds > 1641600(.|\n)*for: 1641600s/, { backup: step(1_641_600) }),

  "backup.at": { value: "03:17", reaches: { "backup:crontab": /^17 3 \* \* \* sh \/etc\/backup\/backup\.sh/m } },
  "backup.keep": { value: "13", reaches: { backup: /BACKUP_KEEP=13"/ } },
  "backup.drill": { value: "Monday 05:23", reaches: { "backup:crontab": /^23 5 \* \* 1 sh \/etc\/backup\/drill\.sh/m } },
  "backup.check": { value: "Tuesday 06:41", reaches: { "backup:crontab": /^41 6 \* \* 2 sh \/etc\/backup\/check\.sh/m } },
  "backup.remotes.0.name": {
    value: "farone",
    reaches: {
      "backup:remotes": /^farone\t/m,
      [ALERTS]: /\{remote="farone"\}/,
      "host:secrets": /\tbackup_farone_access_key\t/,
      [dashboard("backup")]: /Remote copies/,
    },
  },
  "backup.remotes.0.kind": { value: "s3", reaches: { "backup:remotes": /^farone\ts3\t/m } },
  "backup.remotes.0.endpoint": { value: "https://s3.far.example", reaches: { "backup:remotes": /https:\/\/s3\.far\.example\// } },
  "backup.remotes.0.bucket": { value: "far-bucket", reaches: { "backup:remotes": /\/far-bucket\// } },
  "backup.remotes.0.prefix": { value: "far/prefix", reaches: { "backup:remotes": /\/far\/prefix\t/m } },
  "backup.remotes.0.uploadLimit": { value: "111K", reaches: { "backup:remotes": /--limit-upload=111\b/ } },
  "backup.remotes.0.downloadLimit": { value: "222K", reaches: { "backup:remotes": /--limit-download=222\b/ } },
  "backup.remotes.1.name": { value: "fartwo", reaches: { "backup:remotes": /^fartwo\t/m } },
  "backup.remotes.1.kind": { value: "b2", reaches: { "backup:remotes": /backblazeb2\.com/ } },
  "backup.remotes.1.region": { value: "us-west-004", reaches: { "backup:remotes": /s3\.us-west-004\./ } },
  "backup.remotes.1.bucket": { value: "b2-bucket", reaches: { "backup:remotes": /b2-bucket/ } },
  "backup.remotes.2.name": { value: "farthree", reaches: { "backup:remotes": /^farthree\trclone\t/m } },
  "backup.remotes.2.kind": { value: "rclone", reaches: { "backup:remotes": /\trclone:/ } },
  "backup.remotes.2.path": { value: "nas:far/path", reaches: { "backup:remotes": /rclone:nas:far\/path/ } },
  "backup.remoteKeep.last": { value: "21", reaches: { backup: /--keep-last=21 / } },
  "backup.remoteKeep.daily": { value: "22", reaches: { backup: /--keep-daily=22 / } },
  "backup.remoteKeep.weekly": { value: "24", reaches: { backup: /--keep-weekly=24 / } },
  "backup.remoteKeep.monthly": { value: "26", reaches: { backup: /--keep-monthly=26"/ } },
  ...parts("backup", part("backup", 777, 77)),
};

/** Settings that are shown elsewhere to reach their end. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  "monitoring.enabled": "__tests__/lib/stack/monitoring.test.ts",
  ...Object.fromEntries(
    ["pathStyle", "host", "port", "user", "hostKey", "ca"].map((key) => [`backup.remotes.${key}`, "__tests__/constructs/backup/remote-kinds.test.ts"]),
  ),
};
