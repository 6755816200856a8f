import { Duration } from "../../core/duration";
import { type Alert, type AlertFamily, type AlertSettings, containerName, ENVIRONMENT, METRICS_UNREADABLE, TARGET_DOWN, WATCHDOG } from "../alert";
import { ALERT_SOURCES, missing } from "../alert-sources";
import { counted, seconds } from "../promql";

/** Reads that may be missed before a file counts as old. */
export const MISSED = 8;
const OWN = [ALERT_SOURCES.prometheus, ALERT_SOURCES.alertmanager, ALERT_SOURCES.grafana];

export const family: AlertFamily = {
  name: "monitoring",
  title: "The monitoring itself",
  alerts: (settings: AlertSettings) => [...sources(settings), ...notifications(settings)],
};

function sources({ interval }: AlertSettings): Alert[] {
  return [
    {
      name: TARGET_DOWN,
      severity: "critical",
      // the address begins with the name of the container
      expression: 'label_replace(up == 0, "container", "$1", "instance", "([^:]+):.*")',
      summary: "Metrics of {{ $labels.job }} cannot be read at {{ $labels.instance }}: nothing else is known of it",
      first: `Does the container run (docker ps --all)? Read docker logs --tail 50 ${containerName("{{ $labels.container }}")}.`,
    },
    {
      name: "MetricsOld",
      severity: "critical",
      expression: `time() - node_textfile_mtime_seconds{file=~".*/containers[.]prom"} > ${MISSED * interval.seconds}`,
      summary: "Metrics of containers are {{ $value | humanizeDuration }} old: whether they run now is not known",
      first: `Read docker logs --tail 50 ${containerName("container-metrics")}, then docker restart ${containerName("container-metrics")}.`,
    },
    {
      name: METRICS_UNREADABLE,
      severity: "critical",
      expression: "node_textfile_scrape_error > 0",
      summary: "A file with metrics of containers, backups or the host cannot be read",
      first: `Read docker logs --tail 50 ${containerName("node-exporter")}: it names the file.`,
    },
    {
      name: "MonitoringUnknown",
      severity: "critical",
      expression: OWN.map((source) => `(${missing(source)})`).join(" or "),
      summary: "Metrics of {{ $labels.job }} are missing: failures of the monitoring are not noticed",
      first: `Read docker logs --tail 50 ${containerName("{{ $labels.job }}")}, then run npm run deploy -- ${ENVIRONMENT}.`,
    },
  ];
}

function notifications({ window }: AlertSettings): Alert[] {
  return [
    {
      name: WATCHDOG,
      severity: "warning",
      expression: "vector(1)",
      lasts: Duration.seconds(0),
      summary: "Always firing: while it arrives, other alerts would arrive, too",
      first: "Nothing, while it arrives. When it stops arriving: is the host up, and do prometheus and alertmanager run?",
    },
    {
      name: "RulesFailing",
      severity: "critical",
      expression: `increase(prometheus_rule_evaluation_failures_total[${seconds(window)}]) > 0`,
      summary: "Alert rules of {{ $labels.rule_group }} cannot be evaluated: their alerts may be missing",
      first: `Read docker logs --tail 50 ${containerName("prometheus")}: it names the rule.`,
    },
    {
      name: "NotificationsFailing",
      severity: "critical",
      expression: `sum by (job, integration) (${counted("alertmanager_notifications_failed_total", seconds(window))}) > 0`,
      summary: "Messages about alerts by {{ $labels.integration }} fail",
      first: `Read docker logs --tail 50 ${containerName("alertmanager")}: mail server, password, URL of the webhook?`,
    },
  ];
}
