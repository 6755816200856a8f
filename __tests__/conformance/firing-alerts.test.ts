import { stringify } from "yaml";
import { alertTables } from "../../constructs/monitoring/firing-alerts";
import { renderRecordings } from "../../constructs/monitoring/prometheus-config";
import { MOST } from "../support/alerts";
import { describeUnless, missingProgram } from "../support/needs";
import { Sandbox } from "../support/sandbox";

const { firing, held } = alertTables(MOST);
const WATCHDOG = ["Watchdog", "warning", "monitoring", {}] as const;

type Firing = readonly [name: string, severity: string, family: string, labels: Readonly<Record<string, string>>];

describeUnless(missingProgram("promtool"), "tables of firing alerts", () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(() => sandbox.remove());

  const TARGET: Firing = ["TargetDown", "critical", "monitoring", { job: "crowdsec", instance: "crowdsec:6060" }];
  const CONTAINER: Firing = ["ContainerDown", "critical", "containers", { job: "node-exporter", container: "bookstack-db" }];
  const DATABASE: Firing = ["DatabaseDown", "critical", "database", {}];
  const ERRORS: Firing = ["WikiErrors", "critical", "wiki", { job: "traefik" }];
  const DISK: Firing = ["DiskFull", "critical", "host", { job: "node-exporter", mountpoint: "/srv", device: "/dev/vda" }];

  test("each row says what it is about", () => {
    expect(shown(firing.queries[0]?.expr, [WATCHDOG, TARGET, CONTAINER, DATABASE, DISK], "about")).toEqual([
      "ContainerDown bookstack-db",
      "DatabaseDown database",
      "DiskFull /srv",
      "TargetDown crowdsec",
    ]);
  });

  test("each row links to the dashboard with the cause", () => {
    expect(shown(firing.queries[0]?.expr, [WATCHDOG, TARGET, DATABASE, DISK], "dashboard")).toEqual([
      "DatabaseDown mysql",
      "DiskFull node",
      "TargetDown docker",
    ]);
  });

  test("each text names the container, disk or job that it is about", () => {
    const texts = ["summary", "first"].flatMap((label) => shown(firing.queries[0]?.expr, [WATCHDOG, CONTAINER, DISK, TARGET], label));
    expect(texts).toHaveLength(6);
    expect(texts.join("\n")).not.toMatch(/[<>]|@@|\{\{/);
    expect(texts.find((text) => text.startsWith("ContainerDown The"))).toContain("bookstack-db");
    expect(texts.find((text) => text.startsWith("DiskFull The"))).toContain("/srv");
    expect(texts.find((text) => text.startsWith("TargetDown Metrics"))).toContain("crowdsec");
    expect(texts.find((text) => text.startsWith("ContainerDown Read"))).toMatch(/bookstack-db.*bookstack-db/);
  });

  test("what follows from another is in the other table, and in no other case", () => {
    expect(shown(firing.queries[0]?.expr, [WATCHDOG, DATABASE, ERRORS], "about")).toEqual(["DatabaseDown database"]);
    expect(shown(held.queries[0]?.expr, [WATCHDOG, DATABASE, ERRORS], "about")).toEqual(["WikiErrors wiki"]);
    expect(shown(firing.queries[0]?.expr, [WATCHDOG, ERRORS], "about")).toEqual(["WikiErrors wiki"]);
    expect(shown(held.queries[0]?.expr, [WATCHDOG, ERRORS], "about")).toEqual([]);
  });

  test("an alert without a text is shown all the same", () => {
    expect(shown(firing.queries[0]?.expr, [WATCHDOG, ["Unheard", "warning", "wiki", {}]], "about")).toEqual(["Unheard wiki"]);
  });

  test("none is shown at rest, and not when no alert is evaluated", () => {
    expect(shown(firing.queries[0]?.expr, [WATCHDOG], "about")).toEqual([]);
    expect(shown(firing.queries[0]?.expr, [], "summary")).toEqual(["Watchdog Prometheus evaluates no alerts"]);
  });

  /** Name and one label of each row, sorted; promtool says what it found in place of a row that is expected and not there. */
  function shown(expr: string | undefined, firing: readonly Firing[], label: string): string[] {
    const series = (metric: string, values: string, [alertname, severity, family, labels]: Firing, more: object) => {
      const all = Object.entries({ alertname, severity, family, ...labels, ...more }).map(([name, value]) => `${name}="${value}"`);
      return { series: `${metric}{${all.join(",")}}`, values };
    };
    const input_series = firing.flatMap((alert) => [series("ALERTS", "1x10", alert, { alertstate: "firing" }), series("ALERTS_FOR_STATE", "0x10", alert, {})]);
    const question = `count by (alertname, ${label}) (${expr})`;
    const tests = [
      { interval: "1m", input_series, promql_expr_test: [{ expr: question, eval_time: "5m", exp_samples: [{ labels: '{looked="for"}', value: 1 }] }] },
    ];
    sandbox.file("recordings.yml", stringify(renderRecordings(MOST)));
    sandbox.file("tests.yml", stringify({ rule_files: ["recordings.yml"], evaluation_interval: "1m", tests }));
    const { stdout, stderr } = sandbox.sh(["-c", "promtool test rules tests.yml"]);
    const got = `${stdout}${stderr}`.replace(/^[\s\S]*?got:/m, "");
    return [...got.matchAll(/\{([^}]*)\} /g)]
      .map(([, labels = ""]) => [...labels.matchAll(/\w+="([^"]*)"/g)].map(([, value]) => value))
      .map(([...values]) => sorted(values, label))
      .sort();
  }
});

/** Labels come in the order of their names. */
function sorted([first, second]: readonly (string | undefined)[], label: string): string {
  return label < "alertname" ? `${second} ${first}` : `${first} ${second ?? ""}`.trim();
}
