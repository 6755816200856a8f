import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { stringify } from "yaml";
import { type AlertSettings, renderAlerts } from "../../constructs/monitoring/alert";
import { DASHBOARDS, renderDashboard } from "../../constructs/monitoring/dashboard";
import { renderRecordings } from "../../constructs/monitoring/prometheus-config";
import { findChromium, launchOptions } from "./chromium";
import { until } from "./deployment";

/** Job → where the simulator tells its metrics, and the name under which they are read elsewhere. */
const SIMULATED: Readonly<Record<string, readonly [address: string, instance: string]>> = {
  alertmanager: ["127.0.1.9:9093", "alertmanager:9093"],
  authelia: ["127.0.1.2:9959", "authelia:9959"],
  bookstack: ["127.0.1.3:8080", "bookstack:8080"],
  "bookstack-db": ["127.0.1.4:9104", "mysqld-exporter:9104"],
  crowdsec: ["127.0.1.5:6060", "crowdsec:6060"],
  grafana: ["127.0.1.6:3000", "grafana:3000"],
  "node-exporter": ["127.0.1.7:9100", "node-exporter:9100"],
  traefik: ["127.0.1.8:8080", "traefik:8080"],
};
const PROMETHEUS = "127.0.0.1:19496";
const PAGES = 19_497;
/** Hours that the simulator has lived before. */
const HISTORY = "7";
/** What cannot be read in the incident, besides. */
const SILENT = "crowdsec";
const INCIDENT_MINUTES = "25";

/** What the page says of each panel. */
export interface Drawn {
  readonly title: string;
  readonly type: string;
  readonly errors?: readonly string[];
  /** Colours of a tile. */
  readonly colors?: readonly string[];
  /** Columns of a table, as text. */
  readonly shown?: readonly (readonly string[])[];
}

export interface Page {
  readonly png: Buffer;
  readonly panels: readonly Drawn[];
  /** Titles that do not fit. */
  readonly cut: readonly string[];
  readonly red: string;
}

export interface View {
  readonly dashboard: string;
  readonly theme: "dark" | "light";
  readonly width: number;
}

/** `E2E_VIEWER`: a built viewer of dashboards, with a simulator in its directory `sim`; it is no part of this repository. */
export function missingForViewer(): string | undefined {
  const viewer = process.env.E2E_VIEWER;
  if (viewer === undefined) return "E2E_VIEWER names no viewer";
  if (!existsSync(join(viewer, "dist", "app.js"))) return `${viewer} has no dist/app.js; build it`;
  if (findChromium() === undefined) return "no chromium";
  return ["python3", "promtool", prometheus(viewer)].map(missing).find((lack) => lack !== undefined);
}

function missing(program: string): string | undefined {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0 ? undefined : `no ${program}`;
}

/** Beside the viewer, where it is not installed. */
function prometheus(viewer: string): string {
  const own = join(viewer, "prometheus");
  return existsSync(own) ? own : "prometheus";
}

/** The dashboards of `settings`, drawn by Grafana's own front-end libraries, against a real Prometheus with simulated data. */
export class DashboardViewer {
  private readonly processes: ChildProcess[] = [];

  private constructor(
    private readonly directory: string,
    private readonly browser: Browser,
  ) {}

  public static async start(settings: AlertSettings, incident: boolean): Promise<DashboardViewer> {
    const viewer = new DashboardViewer(mkdtempSync(join(tmpdir(), "dashboards-")), await chromium.launch(launchOptions(findChromium() ?? "")));
    await viewer.run(process.env.E2E_VIEWER ?? "", settings, incident);
    return viewer;
  }

  /** Looks at one dashboard; once more when a busy machine did not answer. */
  public async draw(view: View): Promise<Page> {
    const page = await this.look(view);
    return page.panels.some(({ errors = [] }) => errors.length > 0) ? this.look(view) : page;
  }

  private async look({ dashboard, theme, width }: View): Promise<Page> {
    const page = await this.browser.newPage({ viewport: { width, height: 1000 } });
    try {
      await page.goto(`http://127.0.0.1:${PAGES}/?d=${dashboard}&theme=${theme}`);
      await page.waitForFunction("window.__done", undefined, { timeout: 60_000 });
      const height = Number(await page.evaluate("document.documentElement.scrollHeight"));
      await page.setViewportSize({ width, height });
      await page.waitForTimeout(1500);
      return {
        png: await page.screenshot(),
        panels: await page.evaluate("window.__report"),
        cut: await page.evaluate("[...document.querySelectorAll('h2')].filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent)"),
        red: await page.evaluate("window.__red"),
      };
    } finally {
      await page.close();
    }
  }

  /** The same picture as WebP, of `bytes` at most where that can be done. */
  public async compressed(png: Buffer, bytes: number): Promise<Buffer> {
    const page = await this.browser.newPage();
    const convert = `(async (data) => {
      const image = await createImageBitmap(await (await fetch("data:image/png;base64," + data)).blob());
      const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
      canvas.getContext("2d").drawImage(image, 0, 0);
      const at = (quality) => canvas.toDataURL("image/webp", quality).split(",")[1];
      return [0.8, 0.7, 0.6, 0.5, 0.4].map(at).find((text) => text.length * 0.75 < ${bytes}) ?? at(0.3);
    })("${png.toString("base64")}")`;
    const text = await page.evaluate<string>(convert);
    await page.close();
    return Buffer.from(text, "base64");
  }

  public async stop(): Promise<void> {
    await this.browser.close();
    for (const child of this.processes) child.kill("SIGTERM");
    await until(() => this.processes.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null), 20, "all that was started ends");
    rmSync(this.directory, { recursive: true });
  }

  private async run(viewer: string, settings: AlertSettings, incident: boolean): Promise<void> {
    const { directory } = this;
    this.write(settings);
    const simulator = { cwd: join(directory, "sim"), env: { ...process.env, PYTHONPATH: join(viewer, "sim"), HOST: "1", REMOTE: "1", CAPI: "1" } };
    mkdirSync(simulator.cwd);
    if (incident) {
      writeFileSync(join(simulator.cwd, "incident"), "");
      writeFileSync(join(simulator.cwd, "down"), SILENT);
    }
    must("python3", [join(viewer, "sim", "backfill.py"), HISTORY, ...(incident ? [INCIDENT_MINUTES] : [])], simulator);
    must("promtool", ["tsdb", "create-blocks-from", "openmetrics", join(simulator.cwd, "backfill.om"), join(directory, "data")], {});
    this.spawn("python3", [join(viewer, "sim", "live.py"), "1"], simulator);
    this.spawn(prometheus(viewer), [
      `--config.file=${join(directory, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=${PROMETHEUS}`,
    ]);
    this.spawn(process.execPath, [join(viewer, "serve.mjs"), join(directory, "dashboards"), `${PAGES}`, `http://${PROMETHEUS}`]);
    const firing = incident ? 'ALERTS{alertname="DatabaseDown",alertstate="firing"}' : 'ALERTS{alertname="Watchdog",alertstate="firing"}';
    await until(() => count(firing) > 0 && count("up == 1") === Object.keys(SIMULATED).length + (incident ? 0 : 1), 180, "Prometheus reads everything");
    const recordings = ["tsdb", "create-blocks-from", "rules", `--url=http://${PROMETHEUS}`, "--eval-interval=30s", `--output-dir=${join(directory, "data")}`];
    const start = Math.floor(Date.now() / 1000) - 3600 * Number(HISTORY);
    must("promtool", [...recordings, `--start=${start}`, `--end=${Math.floor(Date.now() / 1000)}`, join(directory, "recordings.yml")], {});
    // Prometheus looks for new blocks each minute, and a rate needs readings of now
    await new Promise((resolve) => setTimeout(resolve, 75_000));
  }

  private write(settings: AlertSettings): void {
    const file = (name: string, text: string) => writeFileSync(join(this.directory, name), text);
    mkdirSync(join(this.directory, "dashboards"));
    for (const dashboard of DASHBOARDS()) file(`dashboards/${dashboard.id}.json`, JSON.stringify(renderDashboard(dashboard, settings)));
    file("dashboards/index.json", JSON.stringify(DASHBOARDS().map(({ title }) => title)));
    file("alerts.yml", stringify(renderAlerts(settings)));
    file("recordings.yml", stringify(renderRecordings(settings)));
    const scrape = Object.entries({ ...SIMULATED, prometheus: [PROMETHEUS, "prometheus:9090"] as const });
    const interval = `${settings.interval.seconds}s`;
    file(
      "prometheus.yml",
      stringify({
        global: { scrape_interval: interval, evaluation_interval: interval },
        rule_files: ["alerts.yml", "recordings.yml"],
        scrape_configs: scrape.map(([job_name, [address, instance]]) => ({
          job_name,
          static_configs: [{ targets: [address], labels: { instance } }],
        })),
      }),
    );
  }

  private spawn(program: string, args: readonly string[], options: object = {}): void {
    this.processes.push(spawn(program, args, { stdio: "ignore", ...options }));
  }
}

function must(program: string, args: readonly string[], options: object): void {
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8", ...options });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
}

/** How many series an expression has; none while Prometheus does not answer. */
function count(query: string): number {
  const { stdout } = spawnSync("promtool", ["query", "instant", "--format=json", `http://${PROMETHEUS}`, query], { encoding: "utf8" });
  try {
    return (JSON.parse(stdout) as unknown[]).length;
  } catch {
    return 0;
  }
}
