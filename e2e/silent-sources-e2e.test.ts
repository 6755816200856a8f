import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { stringify } from "yaml";
import { HEALTHY, MINUTES, type Samples, UNSHOWN } from "../__tests__/conformance/dashboards/series";
import { targetOf } from "../__tests__/lib/operations/verify/target";
import { MOST } from "../__tests__/support/alerts";
import { localEnvironment } from "../__tests__/support/example";
import { Duration } from "../constructs/core/duration";
import { type AlertSettings, alertsOf, renderAlerts } from "../constructs/monitoring/alert";
import { ALERT_SOURCES, type AlertSource } from "../constructs/monitoring/alert-sources";
import { DASHBOARDS } from "../constructs/monitoring/dashboard";
import type { Steps, Tile } from "../constructs/monitoring/panel";
import { renderRecordings } from "../constructs/monitoring/prometheus-config";
import { check } from "../lib/operations/verify/checks/metrics-sources";
import { docker } from "./support/deployment";
import { imagesHere } from "./support/images";

/** Prometheus alone, which reads one page for each job from this process; all of it on loopback. */
const NAME = "silent-sources-prometheus";
const PORT = 19_490;
const FIRST_PORT = 19_500;
const PAGES: Readonly<Record<string, Samples>> = { ...HEALTHY, ...UNSHOWN };
const JOBS = Object.keys(PAGES);
/** Second that is now in the examples. */
const NOW = 60 * MINUTES;
const MOMENT = /timestamp_seconds|mtime_seconds|not_after|boot_time|last_reload_success/;
const SETTINGS: AlertSettings = {
  ...MOST,
  pending: Duration.seconds(2),
  window: Duration.seconds(10),
  interval: Duration.seconds(1),
  backup: { remotes: ["one"] },
};
const image = imagesHere().overrides.prometheus;
if (image === undefined) process.stderr.write("skipped: sources that are silent, no image of Prometheus\n");
const describeIfImage = image === undefined ? describe.skip : describe;

interface Shown {
  readonly where: string;
  readonly expr: string;
  readonly steps?: Steps;
}
const TILES: readonly Shown[] = DASHBOARDS().flatMap(({ id, rows }) =>
  Object.values(rows(SETTINGS))
    .flat()
    .filter((panel): panel is Tile => panel.kind === "stat")
    .map(({ title, steps, queries: [{ expr }] }) => ({ where: `${id}: ${title}`, expr, steps })),
);

let directory: string;
const servers: Server[] = [];
/** Job → what it answers with in place of its page; metrics that are left out. */
let down = new Set<string>();
let leftOut: (metric: string) => boolean = () => false;

function page(job: string): string {
  const seconds = Date.now() / 1000;
  const lines = Object.entries(PAGES[job] ?? {}).flatMap(([series, [now, perMinute]]) => {
    const name = series.replace(/\{.*/, "");
    if (leftOut(name)) return [];
    const rising = (perMinute / 60) * (seconds % 1_000_000);
    // what is written again and again was written now
    if (MOMENT.test(name)) return [`${series} ${perMinute > 0 ? seconds : seconds - NOW + now}`];
    return [`${series} ${perMinute > 0 ? rising : now}`];
  });
  return `${lines.join("\n")}\n`;
}

async function fetchJson<T>(path: string): Promise<T> {
  const answer = await fetch(`http://127.0.0.1:${PORT}/api/v1/${path}`);
  return ((await answer.json()) as { data: T }).data;
}

async function firing(): Promise<string[]> {
  const { alerts } = await fetchJson<{ alerts: { state: string; labels: Record<string, string> }[] }>("alerts");
  return alerts.flatMap(({ state, labels }) => (state === "firing" ? [`${labels.alertname} ${labels.job ?? ""}`.trim()] : [])).sort();
}

/** Alerts that fire once `alert` does, or after a while. */
async function firingWith(alert: string, seconds = 30): Promise<string[]> {
  for (let tries = 0; tries < seconds && !(await firing()).includes(alert); tries += 1) await setTimeout(1000);
  return firing();
}

async function atRest(): Promise<void> {
  down = new Set();
  leftOut = () => false;
  for (let tries = 0; tries < 60 && (await firing()).join() !== "Watchdog"; tries += 1) await setTimeout(1000);
  expect(await firing()).toEqual(["Watchdog"]);
}

/** Tiles that ask for one of `metrics` and show a value, or a green one where they have colours. */
async function healthyTiles(metrics: readonly string[]): Promise<string[]> {
  const asking = TILES.filter(({ expr }) => metrics.some((metric) => new RegExp(`(?<![\\w:])${metric}(?![\\w:])`).test(expr)));
  const answers = await Promise.all(
    asking.map(({ expr }) =>
      fetchJson<{ result: { value: [number, string] }[] }>(`query?query=${encodeURIComponent(expr.replaceAll("$__rate_interval", "10s"))}`),
    ),
  );
  return asking.filter(({ steps }, index) => answers[index]?.result.some(({ value }) => isHealthy(Number(value[1]), steps))).map(({ where }) => where);
}

function isHealthy(value: number, steps: Steps | undefined): boolean {
  if (steps === undefined) return true;
  const edges = [steps.yellow, steps.red].filter((edge) => edge !== undefined);
  return steps.worse === "above" ? value < Math.min(...edges) : value >= Math.max(...edges);
}

/** What verify finds with the answers of this Prometheus. */
async function verified(): Promise<string[]> {
  const local = localEnvironment();
  const environment = { ...local, monitoring: { ...local.monitoring, interval: SETTINGS.interval } };
  const subject = targetOf({
    subject: { environment, now: () => new Date(), watched: { jobs: JOBS, alerts: alertsOf(SETTINGS).map(({ name }) => name) } },
    inside: { exec: async (_, args) => (await fetch(String(args.at(-1)).replace(":9090", `:${PORT}`))).text() },
  });
  return (await check.run(subject)).map(({ problem, unknown }) => `${unknown ? "unknown: " : ""}${problem}`);
}

beforeAll(async () => {
  if (image === undefined) return;
  spawnSync("docker", ["rm", "--force", NAME], { stdio: "ignore" });
  directory = mkdtempSync(join(tmpdir(), "silent-sources-"));
  const scrape_configs = JOBS.map((job_name, index) => {
    const container = job_name === "bookstack-db" ? "mysqld-exporter" : job_name;
    return { job_name, static_configs: [{ targets: [`127.0.0.1:${FIRST_PORT + index}`], labels: { instance: `${container}:1` } }] };
  });
  const global = { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" };
  const files = { "prometheus.yml": { global, rule_files: ["/it/alerts.yml", "/it/recordings.yml"], scrape_configs }, "alerts.yml": renderAlerts(SETTINGS) };
  for (const [name, content] of Object.entries({ ...files, "recordings.yml": renderRecordings(SETTINGS) }))
    writeFileSync(join(directory, name), stringify(content));
  chmodSync(directory, 0o755);
  for (const [index, job] of JOBS.entries()) {
    const server = createServer((_, response) => response.writeHead(down.has(job) ? 500 : 200, { "content-type": "text/plain; version=0.0.4" }).end(page(job)));
    servers.push(server.listen(FIRST_PORT + index, "127.0.0.1"));
  }
  const options = ["--config.file=/it/prometheus.yml", "--storage.tsdb.path=/tmp/data", `--web.listen-address=127.0.0.1:${PORT}`];
  docker("run", "--detach", "--name", NAME, "--network=host", "--volume", `${directory}:/it:ro`, "--entrypoint=/bin/prometheus", image, ...options);
  await setTimeout(15_000);
});

afterAll(() => {
  for (const server of servers) server.close();
  spawnSync("docker", ["rm", "--force", NAME], { stdio: "ignore" });
  if (directory !== undefined) rmSync(directory, { recursive: true });
});

const metricsOf = (job: string) => Object.keys(PAGES[job] ?? {}).map((series) => series.replace(/\{.*/, ""));

describeIfImage("Prometheus with sources that are silent", () => {
  beforeEach(atRest);

  test("at rest nothing fires, tiles have healthy values, and verify finds nothing", async () => {
    expect((await healthyTiles(JOBS.flatMap(metricsOf))).length).toBeGreaterThan(30);
    expect(await verified()).toEqual([]);
  });

  test.each(JOBS)("%s does not answer: one alert, no healthy tile, and verify says so", async (job) => {
    down = new Set([job]);
    const alerts = await firingWith(`TargetDown ${job}`);
    // files of the host's checks have a separate alert, which Alertmanager inhibits
    expect(alerts.filter((alert) => !alert.startsWith("HostChecksOld"))).toEqual([`TargetDown ${job}`, "Watchdog"].sort());
    expect(await healthyTiles(metricsOf(job))).toEqual([]);
    expect(await verified()).toContainEqual(expect.stringContaining(`metrics of ${job} cannot be read`));
  });

  const sources = Object.entries(ALERT_SOURCES as Readonly<Record<string, AlertSource>>).filter(([name]) => name !== "grafana" && name !== "hostChecks");
  test.each(sources)("%s answers without its metrics: its alert, no healthy tile, and verify does not know", async (_, source) => {
    const all = [...source.always, ...Object.values(source.during ?? {}).flat(), ...(source.events ?? []), ...Object.keys(source.ownAlert ?? {})];
    leftOut = (metric) => all.includes(metric);
    for (let tries = 0; tries < 30 && !(await firing()).some((alert) => /Unknown /.test(alert)); tries += 1) await setTimeout(1000);
    const alerts = (await firing()).filter((alert) => alert !== "Watchdog");
    expect(alerts).toEqual([expect.stringMatching(new RegExp(`Unknown ${source.job}$`))]);
    expect(await healthyTiles(all.filter((metric) => metric !== "up"))).toEqual([]);
    expect(await verified()).toEqual([expect.stringMatching(/^unknown: .*(are missing|it is not known when the certificate ends)/)]);
  });
});
