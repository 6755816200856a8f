import { parse } from "yaml";
import { alertsOf, UNKNOWN, WATCHDOG } from "../../../constructs/monitoring/alert";
import { ALERT_SOURCES, type AlertSource, missing } from "../../../constructs/monitoring/alert-sources";
import { renderRecordings } from "../../../constructs/monitoring/prometheus-config";
import { counted } from "../../../constructs/monitoring/promql";
import { MOST, metricsOf } from "../../support/alerts";
import { planned } from "../../support/application";
import { localEnvironment } from "../../support/example";

// a database is followed by a standby, or is a replica that others made
const ALERTS = [...alertsOf(MOST), ...alertsOf({ ...MOST, standby: false }).filter(({ name }) => name === "ReplicationLags")];
const EACH: readonly AlertSource[] = Object.values(ALERT_SOURCES);
const known = ({ always, during = {}, events = [], ownAlert = {} }: AlertSource) => [
  ...always,
  ...Object.values(during).flat(),
  ...events,
  ...Object.keys(ownAlert),
];
const RECORDINGS = (renderRecordings(MOST) as { groups: { rules: { record: string; expr: string }[] }[] }).groups.flatMap(({ rules }) => rules);

describe("the metrics of a question", () => {
  test.each([
    ['100 * (1 - avg by (job) (rate(node_cpu{mode="idle"}[600s]))) > 90', ["node_cpu"]],
    ['min(mysql_up == 0 or container_running{container="bookstack-db"} == 0)', ["container_running", "mysql_up"]],
    ['predict_linear(a_bytes{b!~"c|d"}[6h], 86400) < 0 and a_bytes offset 1h', ["a_bytes"]],
    [counted('x_total{result="failed"}', "60s"), ["up", "x_total"]],
    ['wiki:response_seconds:p95 > 2 or (a > 1.9 and ignoring (alertname, job) ALERTS{alertname="A"})', ["ALERTS", "a", "wiki:response_seconds:p95"]],
    ["vector(1)", []],
    ["node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes", ["node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes"]],
  ])("%s", (expression, metrics) => {
    expect(metricsOf(expression)).toEqual(metrics);
  });
});

describe("sources of metrics", () => {
  test("each metric that an alert reads has a source, which says what its absence means", () => {
    const own = ["up", "ALERTS", ...RECORDINGS.map(({ record }) => record)];
    const read = [...ALERTS.map(({ expression }) => expression), ...RECORDINGS.map(({ expr }) => expr)].flatMap(metricsOf);
    expect([...new Set(read)].filter((metric) => ![...own, ...EACH.flatMap(known)].includes(metric))).toEqual([]);
  });

  test("a metric has one source, and a source no metric that nothing reads", () => {
    const all = EACH.flatMap(known);
    expect(all.filter((metric, index) => all.indexOf(metric) !== index)).toEqual([]);
    const others = ["go_info", "traefik_config_reloads_total"];
    const read = [...ALERTS.filter(({ name }) => !name.endsWith(UNKNOWN)).map(({ expression }) => expression), ...RECORDINGS.map(({ expr }) => expr)];
    expect(all.filter((metric) => ![...read.flatMap(metricsOf), ...others].includes(metric))).toEqual([]);
  });

  test("each source has an alert that says that metrics are missing", () => {
    const unknown = ALERTS.filter(({ name }) => name.endsWith(UNKNOWN)).map(({ expression }) => expression);
    for (const source of EACH) expect(unknown.filter((expression) => expression.includes(missing(source)))).toHaveLength(1);
    const names = ALERTS.map(({ name }) => name);
    expect(EACH.flatMap(({ ownAlert = {} }) => Object.values(ownAlert)).filter((name) => !names.includes(name))).toEqual([]);
  });

  test("each job that Prometheus reads is one", () => {
    const plan = planned(localEnvironment());
    const { scrape_configs } = parse(plan.file("local-prometheus", "prometheus.yml"));
    expect(scrape_configs.map(({ job_name }: { job_name: string }) => job_name).sort()).toEqual([...new Set(EACH.map(({ job }) => job))].sort());
  });

  test("a constant never replaces a missing value: it is used alone, or with a source that is scraped", () => {
    const constants = ALERTS.filter(({ name, expression }) => name !== WATCHDOG && /vector\s*\(|or\s+[\d.]+(?!\s*\*)/.test(expression));
    expect(constants.map(({ name }) => name)).toEqual([]);
    expect(RECORDINGS.filter(({ record, expr }) => record !== "alert:texts:info" && /vector\s*\(/.test(expr))).toEqual([]);
  });
});
