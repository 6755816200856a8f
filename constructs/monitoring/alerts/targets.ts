import { Duration } from "../../core/duration";
import { type Alert, type AlertFamily, type AlertSettings, TARGET_DOWN, WATCHDOG } from "../alert";
import { counted, seconds } from "../promql";

/** Reads that may be missed before a file counts as old. */
export const MISSED = 8;

export const family: AlertFamily = {
  name: "monitoring",
  title: "The monitoring itself",
  alerts: ({ window, interval }: AlertSettings): Alert[] => [
    {
      name: WATCHDOG,
      severity: "warning",
      expression: "vector(1)",
      lasts: Duration.seconds(0),
      summary: "Always raised: when it stops to arrive, nobody would be told of anything else",
      first: "Nothing, while it arrives. When it does not: is the host up, and are prometheus and alertmanager running?",
    },
    {
      name: TARGET_DOWN,
      severity: "critical",
      expression: "up == 0",
      summary: "{{ $labels.job }} cannot be read at {{ $labels.instance }}",
      first: "Look whether its container runs, and read its log: docker ps --all, docker logs.",
    },
    {
      name: "MetricsOld",
      severity: "warning",
      expression: `time() - node_textfile_mtime_seconds{file=~".*/containers[.]prom"} > ${MISSED * interval.seconds}`,
      summary: "What is known of the containers is {{ $value | humanizeDuration }} old",
      first: "Read the log of container-metrics; restart it.",
    },
    {
      name: "MetricsUnreadable",
      severity: "warning",
      expression: "node_textfile_scrape_error > 0",
      summary: "A file with metrics cannot be read",
      first: "Read the log of node-exporter: it names the file.",
    },
    {
      name: "RulesFailing",
      severity: "critical",
      expression: `increase(prometheus_rule_evaluation_failures_total[${seconds(window)}]) > 0`,
      summary: "Rules of {{ $labels.rule_group }} cannot be evaluated",
      first: "Read the log of prometheus; alerts of this group may be missing.",
    },
    {
      name: "NotificationsFailing",
      severity: "critical",
      expression: `sum by (job, integration) (${counted("alertmanager_notifications_failed_total", seconds(window))}) > 0`,
      summary: "Messages by {{ $labels.integration }} do not get through",
      first: "Read the log of alertmanager: mail server, password, URL of the webhook?",
    },
  ],
};
