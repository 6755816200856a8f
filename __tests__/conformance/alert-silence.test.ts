import { renderAlerts } from "../../constructs/monitoring/alert";
import { ALERT_SOURCES, type AlertSource } from "../../constructs/monitoring/alert-sources";
import { renderRecordings } from "../../constructs/monitoring/prometheus-config";
import { MOST } from "../support/alerts";
import { describeUnless, missingProgram } from "../support/needs";
import { mergeRules, Promtool, type Rules, type RuleTest, rulesAbout } from "../support/promtool";
import type { Series } from "./alerts/cases";
import { healthySystem, metricsOf } from "./alerts/healthy";

const ALWAYS = ["Watchdog"];
const HEALTHY = healthySystem();
/** Source → alert that says that metrics of it are missing. */
const ALERTS: Readonly<Record<keyof typeof ALERT_SOURCES, string>> = {
  host: "HostUnknown",
  hostChecks: "HostChecksUnknown",
  containers: "ContainersUnknown",
  backup: "BackupUnknown",
  certificates: "CertificateUnknown",
  database: "DatabaseUnknown",
  standby: "StandbyUnknown",
  wiki: "WikiUnknown",
  edge: "EdgeUnknown",
  crowdsec: "CrowdSecUnknown",
  portal: "PortalUnknown",
  prometheus: "MonitoringUnknown",
  alertmanager: "MonitoringUnknown",
  grafana: "MonitoringUnknown",
};
const EACH = Object.entries(ALERT_SOURCES) as [keyof typeof ALERT_SOURCES, AlertSource][];
const JOBS = [...new Set(EACH.map(([, { job }]) => job))];

interface Scenario {
  readonly what: string;
  readonly input: Series;
  readonly alerts: readonly string[];
}

/** All metrics of a source are missing, while its job can still be scraped. */
const SOURCES_GONE: readonly Scenario[] = EACH.map(([name, source]) => {
  const gone = name === "grafana" ? ["up grafana"] : metricsOf(source);
  // the file of the host's checks has a separate alert for that
  const alert = name === "hostChecks" ? "HostChecksOld" : ALERTS[name];
  return { what: `nothing from ${name}`, input: healthySystem({ gone }), alerts: [alert] };
});
const JOBS_DOWN: readonly Scenario[] = JOBS.map((job) => {
  const aboutFiles = job === "node-exporter" ? ["HostChecksOld"] : [];
  return { what: `${job} cannot be read`, input: healthySystem({ down: [job] }), alerts: ["TargetDown", ...aboutFiles] };
});
const METRICS_GONE: readonly Scenario[] = EACH.flatMap(([name, { always, during = {} }]) =>
  [...always, ...Object.values(during).flat()]
    .filter((metric) => metric !== "up")
    .map((metric) => ({ what: `no ${metric}`, input: healthySystem({ gone: [metric] }), alerts: [ALERTS[name]] })),
);
const OWN_ALERTS: readonly Scenario[] = EACH.flatMap(([, { ownAlert = {} }]) =>
  Object.entries(ownAlert)
    // these come after a day, and are shown that in cases.ts
    .filter(([, alert]) => !alert.endsWith("NeverMade"))
    .map(([metric, alert]) => ({ what: `no ${metric}`, input: healthySystem({ gone: [metric] }), alerts: [alert] })),
);
const ONE_CONTAINER: readonly Scenario[] = [
  {
    what: "a container that was removed",
    input: Object.fromEntries(Object.entries(healthySystem()).filter(([series]) => !series.includes('container="bookstack"'))),
    alerts: ["ContainerMissing"],
  },
  {
    what: "a container that the kernel does not count",
    input: Object.fromEntries(Object.entries(healthySystem()).filter(([series]) => !/container_memory_.*container="bookstack"/.test(series))),
    alerts: ["ContainersUnknown"],
  },
];

describeUnless(missingProgram("promtool"), "with all rules", () => {
  const rules = mergeRules(renderAlerts(MOST), renderRecordings(MOST));
  let promtool: Promtool;
  beforeEach(() => {
    promtool = new Promtool();
  });
  afterEach(() => promtool.remove());

  /** What promtool says to the scenarios where another set of alerts fires than they name, each alert once. */
  const run = (scenarios: readonly Scenario[]): string =>
    promtool.failures(scenarios.map((scenario) => ({ rules: rulesThatMatter(rules, scenario), tests: [testOf(scenario)] })));

  test("no alert fires where all is well", () => {
    expect(run([{ what: "healthy", input: healthySystem(), alerts: [] }])).toBe("");
  });

  test("a source that gives nothing raises one alert, whatever it gave", () => {
    expect(run(SOURCES_GONE)).toBe("");
  });

  test("a job that cannot be read raises one alert, not one for each metric", () => {
    expect(run(JOBS_DOWN)).toBe("");
  });

  test("each metric that is missing alone raises the alert of its source", () => {
    expect(METRICS_GONE.length).toBeGreaterThan(40);
    expect(run([...METRICS_GONE, ...OWN_ALERTS, ...ONE_CONTAINER])).toBe("");
  });

  test("would be detected: an existing metric raises none", () => {
    expect(run([{ what: "healthy", input: healthySystem(), alerts: ["EdgeUnknown"] }])).toContain('{alertname="EdgeUnknown"}');
  });
});

/** All rules for the healthy system; for any other, those that depend on what differs from it: no other can tell them apart. */
function rulesThatMatter(rules: Rules, { input }: Scenario): Rules {
  const differing = [...Object.keys(HEALTHY), ...Object.keys(input)].filter((series) => HEALTHY[series] !== input[series]);
  return differing.length === 0 ? rules : rulesAbout(rules, [...ALWAYS, ...differing.map((series) => series.replace(/\{.*/, ""))]);
}

function testOf({ what, input, alerts }: Scenario): RuleTest {
  return {
    name: what,
    interval: "1m",
    input_series: Object.entries(input).map(([series, values]) => ({ series, values })),
    promql_expr_test: [
      {
        expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
        eval_time: "20m",
        exp_samples: [...ALWAYS, ...alerts].map((name) => ({ labels: `{alertname="${name}"}`, value: 1 })),
      },
    ],
  };
}
