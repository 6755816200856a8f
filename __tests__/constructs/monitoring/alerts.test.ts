import { Duration } from "../../../constructs/core/duration";
import { ALERTS_DOCUMENT, type AlertSettings, alertsOf, renderAlerts } from "../../../constructs/monitoring/alert";
import { DASHBOARDS } from "../../../constructs/monitoring/dashboard";
import { KEY_METRICS } from "../../../constructs/monitoring/key-metrics";
import { seconds } from "../../../constructs/monitoring/promql";
import type { Environment } from "../../../lib/environment/schema";
import { alertSettings } from "../../../lib/stack/alerts";
import { GRAFANA, LEAST, MOST, NOTHING_MORE } from "../../support/alerts";
import { anchors, document } from "../../support/documents";
import { localEnvironment } from "../../support/example";

const named = alertsOf;
const names = (settings: AlertSettings) => named(settings).map(({ name }) => name);

/** Key metrics without an alert: no single value of them is wrong. */
const ONLY_SHOWN = ["Network traffic", "Network stats", "InnoDB buffer pool hits", "HTTP status codes", "Request throughput"];

describe("alerts", () => {
  test("have a unique name, and say what is wrong and what to do first", () => {
    expect(new Set(names(MOST)).size).toBe(names(MOST).length);
    for (const { name, summary, first } of named(MOST)) {
      expect(name).toMatch(/^([A-Z][a-z]+)+$/);
      expect(summary).toMatch(/^(\{\{|[A-Z]).*[^.]$/);
      expect(first).toMatch(/^[a-zA-Z].*[.?]$/);
    }
  });

  test("none says the opposite of what it means: to stop to ask is to pause in order to ask (F10)", () => {
    for (const { name, summary, first } of named(MOST))
      expect([name, `${summary} ${first}`]).toEqual([name, expect.not.stringMatching(/\bstop(s|ped)? to \w/)]);
  });

  test("are actionable: the first step runs, reads, opens or changes something, or says that nothing is to be done", () => {
    const acts =
      /docker |npm run |systemctl|timedatectl|dmesg|fail2ban-client|SHOW REPLICA|du -|dashboard|settings show|Open the wiki|Free space|Increase|Delete|Reboot|Remove it|run top|^Nothing|host\.sshFrom/;
    for (const { name, first } of named(MOST)) expect([name, first]).toEqual([name, expect.stringMatching(acts)]);
  });

  test("say in a label what they are about, where there can be several of it", () => {
    const several = named(MOST).filter(({ expression }) =>
      /\b(container_(?!running\{)\w+|backup_remote_\w+|host_step_drift|traefik_tls_certs_not_after|node_filesystem_\w+)\b/.test(expression),
    );
    const about = several.filter(({ name }) => !/Unknown$|HostOutOfMemory/.test(name));
    expect(about.length).toBeGreaterThan(8);
    for (const { name, summary } of about) expect([name, summary]).toEqual([name, expect.stringContaining("{{ $labels.")]);
  });

  test("link to an existing dashboard", () => {
    const { groups } = renderAlerts(MOST) as { groups: { rules: { annotations: { dashboard: string } }[] }[] };
    const known = DASHBOARDS().map(({ id }) => `${GRAFANA}/d/${id}`);
    for (const { annotations } of groups.flatMap(({ rules }) => rules)) expect(known).toContain(annotations.dashboard);
  });

  test("link to an existing section", () => {
    const { groups } = renderAlerts(MOST) as { groups: { rules: { annotations: { more: string } }[] }[] };
    const chapters = anchors(document(ALERTS_DOCUMENT));
    for (const { annotations } of groups.flatMap(({ rules }) => rules)) {
      const [file, chapter] = annotations.more.split("#");
      expect([file, chapters.includes(chapter ?? "")]).toEqual([ALERTS_DOCUMENT, true]);
    }
  });

  test.each(Object.values(KEY_METRICS).flat())("%s raises one, or is a number that is only shown", (metric) => {
    expect(named(MOST).some((alert) => alert.metric === metric)).toBe(!ONLY_SHOWN.includes(metric));
  });

  test("of what is not set up are not there", () => {
    expect(names(LEAST).filter((name) => /Backup|Drill|Drift|Firewall|Updates|Reboot|Ssh/.test(name))).toEqual([]);
    expect(names({ ...MOST, backup: { remotes: [] } })).toContain("BackupTooOld");
    expect(names({ ...MOST, backup: { remotes: [] } }).filter((name) => name.startsWith("Remote"))).toEqual([]);
  });

  test("of certificates know all certificates: an unknown expiry date raises one", () => {
    const expression = (environment: Environment) =>
      named(alertSettings(environment, NOTHING_MORE)).find(({ name }) => name === "CertificateUnknown")?.expression ?? "";
    const expected = (environment: Environment) => [...expression(environment).matchAll(/certificate="([a-z-]+)"/g)].map(([, name]) => name);
    const local = localEnvironment();
    expect(expected(local)).toEqual(["edge", "authority", "database", "database-authority"]);
    expect(expected({ ...local, docker: { host: "tcp://203.0.113.10:2376" } } as Environment)).toContain("docker");
    const files = { ...local, tls: { ...local.tls, issuer: "files", ca: "PEM" }, wiki: { ...local.wiki, webhooks: [], webhookCa: "PEM" } } as Environment;
    expect(expected(files)).toEqual(["edge", "database", "database-authority", "tls-ca", "webhook-ca"]);
    expect(named(alertSettings(files, NOTHING_MORE)).map(({ name }) => name)).not.toContain("AuthorityEnds");
  });

  test("wait as long as the settings say, unless they count something that is over already", () => {
    const { groups } = renderAlerts({ ...MOST, pending: Duration.seconds(90) }) as { groups: { rules: { alert: string; for?: string }[] }[] };
    const waits = Object.fromEntries(groups.flatMap(({ rules }) => rules).map((rule) => [rule.alert, rule.for]));
    expect(waits).toMatchObject({ TargetDown: "90s", ContainerRestarting: undefined, Watchdog: undefined });
  });

  test("follow the thresholds of the environment", () => {
    const strict = { ...MOST, thresholds: { ...MOST.thresholds, certificateDays: 77, responseTime: Duration.parse("1500ms") } };
    const expression = (name: string) => named(strict).find((alert) => alert.name === name)?.expression;
    expect(["CertificateEndsSoon", "CertificateEnds", "AuthorityEnds"].map((name) => expression(name)?.match(/[\d.]+$/)?.[0])).toEqual(["77", "38.5", "137"]);
    expect(expression("WikiSlow")).toMatch(/^wiki:response_seconds:p95 > 1\.5 or /);
  });
});

describe("parts of questions", () => {
  test("write lengths of time in whole seconds, one at least", () => {
    expect(["500ms", "90s", "1h"].map((text) => seconds(Duration.parse(text)))).toEqual(["1s", "90s", "3600s"]);
  });
});
