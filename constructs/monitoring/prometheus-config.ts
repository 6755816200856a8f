import type { IMetricsSource } from "../contracts/metrics-source";
import type { Duration } from "../core/duration";
import { compareText } from "../core/render";
import type { AlertSettings } from "./alert";
import { CERTIFICATE_EXPRESSION, CERTIFICATE_SECONDS } from "./certificates";
import { recordAlertTexts } from "./firing-alerts";
import { seconds } from "./promql";

export const CONFIG_DIRECTORY = "/etc/prometheus";
export const DATA_DIRECTORY = "/prometheus";
export const PORT = 9090;
export const ALERTS_FILE = "alerts.yml";
export const RECORDINGS_FILE = "recordings.yml";

export interface Scraping {
  readonly interval: Duration;
  /** Job → scrape targets. */
  readonly sources: ReadonlyMap<string, IMetricsSource>;
  /** `host:port` of Alertmanager. */
  readonly alertmanager: string | undefined;
  /** Name of the environment, as messages name it. */
  readonly environment: string;
}

/** `prometheus.yml`. */
export function renderConfig({ interval, sources, alertmanager, environment }: Scraping): object {
  return {
    global: {
      scrape_interval: seconds(interval),
      scrape_timeout: seconds(interval),
      evaluation_interval: seconds(interval),
      external_labels: { environment },
    },
    rule_files: [ALERTS_FILE, RECORDINGS_FILE].map((file) => `${CONFIG_DIRECTORY}/${file}`),
    ...(alertmanager === undefined ? {} : { alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] } }),
    scrape_configs: [...sources]
      .sort(([a], [b]) => compareText(a, b))
      .map(([job_name, { metricsAddress }]) => ({ job_name, static_configs: [{ targets: [metricsAddress] }] })),
  };
}

/** `recordings.yml`: what several panels and alerts ask for, and what would be slow over days. */
export function renderRecordings(alerts: AlertSettings): object {
  const over = `[${seconds(alerts.window)}]`;
  const wiki = 'service="bookstack@file"';
  const percentile = (share: number) => `histogram_quantile(${share}, sum by (le) (rate(traefik_router_request_duration_seconds_bucket{${wiki}}${over})))`;
  return {
    groups: [
      {
        name: "wiki",
        rules: [
          // without a request there is no time that it took, and of a silent edge nothing is known
          { record: "wiki:response_seconds:p95", expr: `${percentile(0.95)} >= 0` },
          { record: "wiki:response_seconds:p50", expr: `${percentile(0.5)} >= 0` },
        ],
      },
      { name: "certificates", rules: [{ record: CERTIFICATE_SECONDS, expr: CERTIFICATE_EXPRESSION }] },
      {
        name: "host",
        rules: [{ record: "host:cpu_busy:ratio", expr: `1 - avg(rate(node_cpu_seconds_total{mode="idle"}${over}))` }],
      },
      { name: "texts", rules: recordAlertTexts(alerts) },
    ],
  };
}
