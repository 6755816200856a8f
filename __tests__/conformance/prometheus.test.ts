import { spawnSync } from "node:child_process";
import { parse } from "yaml";
import { alertsOf, renderAlerts, WATCHDOG } from "../../constructs/monitoring/alert";
import { DASHBOARDS } from "../../constructs/monitoring/dashboard";
import { renderRecordings } from "../../constructs/monitoring/prometheus-config";
import { counted } from "../../constructs/monitoring/promql";
import { GRAFANA, MOST } from "../support/alerts";
import { planned } from "../support/application";
import { exampleEnvironment, localEnvironment } from "../support/example";
import { compiledSchema } from "../support/foreign-schemas";
import { describeUnless, missingProgram } from "../support/needs";
import type { PlannedFile } from "../support/plan";
import { mergeRules, Promtool, type Rules, type RuleTest, type RuleTests, rulesAbout } from "../support/promtool";
import { Sandbox } from "../support/sandbox";
import { type AlertCase, CASES, type Series } from "./alerts/cases";

const environments = [localEnvironment(), exampleEnvironment()];
const files = environments.flatMap((environment) => planned(environment).files());
const of = (part: string): PlannedFile[] => files.filter(({ container }) => container.endsWith(part));
const ALL = MOST;
const ALERTS = alertsOf(ALL);
const RECORDINGS = renderRecordings(ALL) as Rules;
const RULES = mergeRules(renderAlerts(ALL), RECORDINGS);

describe("files of Prometheus", () => {
  test.each(of("-prometheus").map((file) => [file.container, file.path, file.text] as const))("%s: %s fits the schema", (_, path, text) => {
    const validate = compiledSchema(path === "prometheus.yml" ? "prometheus.json" : "prometheus.rules.json");
    expect(validate(parse(text)) ? [] : validate.errors).toEqual([]);
  });
});

describeUnless(missingProgram("promtool"), "promtool", () => {
  let promtool: Promtool;
  beforeEach(() => {
    promtool = new Promtool();
  });
  afterEach(() => promtool.remove());

  /** What promtool says to a configuration, with its rules where it looks for them. */
  function check(environment: string, change = (text: string) => text) {
    const { sandbox } = promtool;
    for (const { path, text } of of(`${environment}-prometheus`)) sandbox.file(path, change(text).replaceAll("/etc/prometheus/", `${sandbox.directory}/`));
    return promtool.run("check", "config", "prometheus.yml");
  }

  test.each(environments.map(({ name }) => name))("accepts the configuration and the rules of %s", (name) => {
    expect(check(name)).toMatchObject({ status: 0, stderr: "" });
  });

  test("would refuse a rule that is no question", () => {
    expect(check("local", (text) => text.replace("up == 0", "up == = 0"))).toMatchObject({ status: 1 });
  });

  test("reads the question of every panel", () => {
    const panels = DASHBOARDS().flatMap(({ rows }) => Object.values(rows(ALL)).flat());
    const rules = panels
      .flatMap(({ queries }) => queries)
      .map(({ expr }, index) => ({ record: `panel:${index}`, expr: expr.replaceAll("$__rate_interval", "1m") }));
    promtool.sandbox.file("panels.yml", JSON.stringify({ groups: [{ name: "panels", rules }] }));
    expect(rules.length).toBeGreaterThan(100);
    expect(promtool.run("check", "rules", "panels.yml")).toMatchObject({ status: 0 });
  });

  describe("every alert", () => {
    test("is shown something", () => {
      expect(Object.keys(CASES).sort()).toEqual(ALERTS.map(({ name }) => name).sort());
    });

    /** Alerts that one run of promtool with the tests of all of them finds to be right; starting it takes longer than the tests of one. */
    let right: ReadonlySet<string>;
    beforeAll(() => {
      const all = new Promtool();
      const { status, stdout } = all.test(ALERTS.map((alert) => testsOf(alert)));
      right = new Set(status === 0 && stdout.match(/SUCCESS/g)?.length === ALERTS.length ? ALERTS.map(({ name }) => name) : []);
      all.remove();
    }, 240_000);

    test.each(ALERTS.map((alert) => [alert.name, alert] as const))("%s is raised when it should be, and stays quiet otherwise", (name, alert) => {
      // a separate run shows which of them is wrong, and why
      expect(right.has(name) ? "" : promtool.failures([testsOf(alert)])).toBe("");
    });
  });

  test("would notice an alert that is not raised", () => {
    expect(run(tested({ 'up{job="a"}': "1x60" }, 40, 'ALERTS{alertname="TargetDown",alertstate="firing"}', true))).toContain("FAILED");
    expect(run(tested({ 'up{job="a"}': "0x60" }, 40, 'ALERTS{alertname="TargetDown",alertstate="firing"}', false))).toContain("FAILED");
  });

  test.each([
    ["was just read", 0, 3],
    ["was read three days ago", -3 * 86_400, 1],
  ])("knows the end of a certificate whose file %s, and always that of one that is shown", (_, read, known) => {
    const input = {
      'certificate_check_timestamp_seconds{instance="n:1"}': `${read}x60`,
      'certificate_end_timestamp_seconds{instance="n:1",certificate="authority"}': "9000000x60",
      'docker_certificate_end_timestamp_seconds{instance="n:1"}': "9000000x60",
      'node_textfile_mtime_seconds{instance="n:1",file="/textfile/docker-certificate/docker-certificate.prom"}': `${read}x60`,
      'traefik_tls_certs_not_after{instance="t:1",cn="a",serial="1"}': "9000000x60",
    };
    const promql_expr_test = [{ expr: "count(certificate:remaining_seconds)", eval_time: "36m", exp_samples: [{ labels: "{}", value: known }] }];
    const test = { interval: "1m", input_series: series(input), promql_expr_test };
    expect(promtool.failures([{ rules: RECORDINGS, tests: [test] }])).toBe("");
  });

  describe("events that are counted", () => {
    // four of them, read a minute apart, and how many of these readings there were when they were asked for
    test.each([
      ["in a series that was there", "0x30 1 2 3 4x9", 4],
      ["in a series that begins with the first", "_x30 1 2 3 4x9", 4],
      ["in a series that begins with the last but one", "_x30 3 4x9", 4],
      ["in a series that begins with the last", "_x30 4x9", 4],
      ["without requests", "4x60", 0],
      ["in a series of a source that was not read before", "_x30 4x9", 0],
    ])("%s", (_, values, wanted) => {
      const up = wanted > 0 ? "1x60" : "_x30 1x30";
      const input = series({ 'a_total{job="a"}': values, 'up{job="a",instance="a:1"}': up });
      // `increase` guesses what lies between the readings
      const expr = `sum(round(${counted("a_total", "15m")})) or vector(0)`;
      const promql_expr_test = [{ expr, eval_time: "36m", exp_samples: [{ labels: "{}", value: wanted }] }];
      expect(promtool.failures([{ rules: { groups: [] }, tests: [{ interval: "1m", input_series: input, promql_expr_test }] }])).toBe("");
    });
  });

  test("fills in what an alert says", () => {
    const alert_rule_test = [
      {
        eval_time: "40m",
        alertname: "TargetDown",
        exp_alerts: [
          {
            exp_labels: { severity: "critical", family: "monitoring", job: "traefik", instance: "traefik:8080", container: "traefik" },
            exp_annotations: {
              summary: "Metrics of traefik cannot be read at traefik:8080: nothing else is known of it",
              first: "Does the container run (docker ps --all)? Read docker logs --tail 50 local-traefik.",
              more: "docs/alerts.md#targetdown",
              dashboard: `${GRAFANA}/d/docker`,
            },
          },
        ],
      },
    ];
    const input_series = series({ 'up{job="traefik",instance="traefik:8080"}': "0x60" });
    expect(run({ interval: "1m", external_labels: { environment: "local" }, input_series, alert_rule_test })).toBe("");
  });

  /** What promtool says to a test that fails with the alert of a target that cannot be read. */
  function run(test: RuleTest): string {
    return promtool.failures([{ rules: rulesAbout(RULES, ["TargetDown"]), tests: [test] }]);
  }
});

/** Minutes after which an alert is looked at. */
function minutesOf(name: string): number {
  return CASES[name]?.minutes ?? 40;
}

/** Samples that raise an alert, with every label that it names, and samples that do not. */
function testsOf({ name, summary }: { readonly name: string; readonly summary: string }): RuleTests {
  const { fires, quiet } = CASES[name] as AlertCase;
  const named = [...summary.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => `,${label}!=""`).join("");
  const firing = tested(fires, minutesOf(name), `ALERTS{alertname="${name}",alertstate="firing"${named}}`, true);
  const tests = name === WATCHDOG ? [firing] : [firing, tested(quiet, minutesOf(name), `ALERTS{alertname="${name}",alertstate="firing"}`, false)];
  // in steps that get longer with the time that they cover
  return { rules: rulesAbout(RULES, [name]), tests, interval: minutesOf(name) > 300 ? "10m" : "1m" };
}

function tested(input: Series, minutes: number, alerts: string, raised: boolean): RuleTest {
  const promql_expr_test = [{ expr: `count(${alerts}) or vector(0)`, eval_time: `${minutes}m`, exp_samples: [{ labels: "{}", value: raised ? 1 : 0 }] }];
  return { interval: `${step(minutes)}m`, input_series: series(input), promql_expr_test };
}

/** Minutes between two values; days of them a minute apart take long. */
function step(minutes: number): number {
  return minutes > 3000 ? 10 : 1;
}

function series(input: Series): RuleTest["input_series"] {
  return Object.entries(input).map(([name, values]) => ({ series: name, values }));
}

/** Alertmanager reads the URL of a webhook from a file since 0.26. */
function missingAmtool(): string | undefined {
  const missing = missingProgram("amtool");
  if (missing !== undefined) return missing;
  const { stdout } = spawnSync("amtool", ["--version"], { encoding: "utf8" });
  const [, major = "0", minor = "0"] = /version (\d+)\.(\d+)/.exec(stdout) ?? [];
  return Number(major) > 0 || Number(minor) >= 26 ? undefined : `amtool is older than 0.26`;
}

describeUnless(missingAmtool(), "amtool", () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(() => sandbox.remove());
  const check = (text: string) => {
    sandbox.file("alertmanager.yml", text);
    return sandbox.sh(["-c", "amtool check-config alertmanager.yml"]);
  };
  const configurations = of("-alertmanager").filter(({ path }) => path === "alertmanager.yml");

  test.each(configurations)("accepts $path of $container", ({ text }) => {
    expect(check(text)).toMatchObject({ status: 0 });
  });

  test("would refuse a receiver that is not there", () => {
    expect(check(configurations[0]?.text.replace("receiver: people", "receiver: nobody") ?? "")).toMatchObject({ status: 1 });
  });

  test.each([
    ["alertname=Watchdog", "dead-man"],
    ["alertname=TargetDown severity=critical", "people"],
    ["alertname=Unheard", "people"],
  ])("routes %s to %s", (labels, receiver) => {
    sandbox.file("alertmanager.yml", configurations[1]?.text ?? "");
    expect(sandbox.sh(["-c", `amtool config routes test --config.file=alertmanager.yml ${labels}`]).stdout.trim()).toBe(receiver);
  });
});
