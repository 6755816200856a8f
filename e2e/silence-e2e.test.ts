import { LEAST } from "../__tests__/support/alerts";
import { METRICS_DIRECTORY } from "../constructs/backup/backup-config";
import { DASHBOARDS } from "../constructs/monitoring/dashboard";
import type { Steps, Tile } from "../constructs/monitoring/panel";
import type { Outcome } from "../lib/operations/verify/check";
import { Deployment, docker, until } from "./support/deployment";
import { imagesHere } from "./support/images";
import { Metrics } from "./support/metrics";
import { naming } from "./support/naming";

const WIKI = new Deployment({ name: "sil", http: 18_721, https: 18_723, subnets: 244 });
const METRICS = new Metrics(WIKI);
/** Everything happens as it does elsewhere, in seconds in the place of minutes. */
const SETTINGS = { signOn: {}, monitoring: { interval: "3s" }, alerts: { pending: "6s", window: "30s" } };
const { missingForMonitoring: missing } = imagesHere();
if (missing.length > 0) process.stderr.write(`skipped: silence, no image of ${missing.join(", ")}, and no stand-in\n`);
const describeIfImages = missing.length > 0 ? describe.skip : describe;

interface Shown {
  readonly where: string;
  readonly expr: string;
  readonly steps?: Steps;
}
const TILES: readonly Shown[] = DASHBOARDS().flatMap(({ id, rows }) =>
  Object.values(rows({ ...LEAST, backup: { remotes: [] } }))
    .flat()
    .filter((panel): panel is Tile => panel.kind === "stat")
    .map(({ title, steps, queries: [{ expr }] }) => ({ where: `${id}: ${title}`, expr, steps })),
);

/** A source that stops, what it gives, and what notices. */
interface Source {
  /** Container that is paused. */
  readonly container: string;
  readonly job: string;
  /** What its metrics begin with. */
  readonly gives: RegExp;
}
const SOURCES: readonly Source[] = [
  { container: "mysqld-exporter", job: "bookstack-db", gives: /\bmysql_/ },
  { container: "crowdsec", job: "crowdsec", gives: /\bcs_/ },
  { container: "traefik", job: "traefik", gives: /\b(traefik_|wiki:)/ },
  { container: "authelia", job: "authelia", gives: /\bauthelia_/ },
  { container: "bookstack", job: "bookstack", gives: /\bbookstack_/ },
  { container: "alertmanager", job: "alertmanager", gives: /\balertmanager_/ },
];
const NODE: Source = { container: "node-exporter", job: "node-exporter", gives: /\b(node_|container_|backup_|host:)/ };
const BACKUP = /\bbackup_(sets|free_bytes)/;

/** What Prometheus answers to each question, in one call. */
function values(questions: readonly Shown[]): number[][] {
  // a source may have no tile
  if (questions.length === 0) return [];
  const script = 'for url; do wget -q -O - "$url"; echo; done';
  const urls = questions.map(({ expr }) => `http://127.0.0.1:9090/api/v1/query?query=${encodeURIComponent(expr.replaceAll("$__rate_interval", "20s"))}`);
  const lines = docker("exec", WIKI.container("prometheus"), "sh", "-c", script, "x", ...urls).split("\n");
  return lines.map((line) => (JSON.parse(line).data.result as { value: [number, string] }[]).map(({ value }) => Number(value[1])));
}

/** Tiles that show a value, or a green one where they have colours. */
function healthyTiles(tiles: readonly Shown[]): string[] {
  const answers = values(tiles);
  return tiles.filter(({ steps }, index) => answers[index]?.some((value) => isHealthy(value, steps))).map(({ where }) => where);
}

function isHealthy(value: number, steps: Steps | undefined): boolean {
  if (steps === undefined) return true;
  const edges = [steps.yellow, steps.red].filter((edge) => edge !== undefined);
  return steps.worse === "above" ? value < Math.min(...edges) : value >= Math.max(...edges);
}

const about = (gives: RegExp) => TILES.filter(({ expr }) => gives.test(expr));
const firing = () =>
  METRICS.alerts().flatMap(({ state, labels }) => (state === "firing" ? [`${labels.alertname} ${labels.job ?? labels.container ?? ""}`.trim()] : []));

/** What checks say, by name, and the exit code. */
function verify(...checks: readonly string[]): { readonly status: number | null; readonly outcomes: Readonly<Record<string, Outcome>> } {
  const { status, stdout, stderr } = WIKI.command("verify", "--json", "--only", checks.join());
  if (stdout === "") throw new Error(stderr);
  return { status, outcomes: Object.fromEntries((JSON.parse(stdout).checks as Outcome[]).map((outcome) => [outcome.name, outcome])) };
}

function problems(outcome: Outcome | undefined): string[] {
  return outcome !== undefined && "findings" in outcome ? outcome.findings.map(({ problem }) => problem) : [];
}

beforeAll(async () => {
  if (missing.length > 0) return;
  WIKI.clean();
  WIKI.write(SETTINGS);
  WIKI.must("deploy");
  await until(() => METRICS.targets().every(({ health }) => health === "up"), 90, "every source is read");
});

afterAll(() => {
  if (missing.length === 0) WIKI.clean();
});

describeIfImages("a healthy system", () => {
  test("raises no alert about metrics that are missing, and verify sees all", async () => {
    // a busy machine may raise others
    const aboutSilence = () => firing().filter((alert) => /^\w+(Unknown|Down|Missing|Old|Unreadable|NeverMade|AsksNobody)\b/.test(alert));
    await until(() => aboutSilence().length === 0, 90, "what was raised while it started").catch(() => undefined);
    expect(aboutSilence()).toEqual([]);
    await until(() => verify("alert-path").outcomes["alert-path"]?.result === "ok", 60, "the first alert arrives");
    expect(verify("metrics-sources", "alert-path").outcomes).toMatchObject({ "metrics-sources": { result: "ok" }, "alert-path": { result: "ok" } });
  });

  test("has a healthy value in the tiles that are looked at below", () => {
    for (const { gives } of [...SOURCES, NODE]) {
      if (about(gives).length > 0) expect(healthyTiles(about(gives)).length).toBeGreaterThan(0);
    }
    expect(healthyTiles(about(BACKUP)).length).toBeGreaterThan(0);
  });
});

describeIfImages("sources that stop", () => {
  beforeAll(async () => {
    for (const { container } of SOURCES) docker("pause", WIKI.container(container));
    docker("exec", WIKI.container("backup"), "rm", `${METRICS_DIRECTORY}/backup.prom`);
    const wanted = [...SOURCES.map(({ job }) => `TargetDown ${job}`), "BackupUnknown node-exporter"];
    await until(() => wanted.every((alert) => firing().includes(alert)), 60, wanted.join(", ")).catch(() => undefined);
  });

  afterAll(async () => {
    for (const { container } of SOURCES) docker("unpause", WIKI.container(container));
    docker("restart", WIKI.container("backup"));
    await until(() => METRICS.targets().every(({ health }) => health === "up"), 60, "every source is read again");
  });

  test.each(SOURCES)("$container: an alert fires, one for the source, and no tile shows a healthy value", ({ job, gives }) => {
    expect(firing()).toContain(`TargetDown ${job}`);
    expect(firing().filter((alert) => alert.endsWith(`Unknown ${job}`))).toEqual([]);
    expect(healthyTiles(about(gives))).toEqual([]);
  });

  test("metrics of the backup: an alert fires, and no tile shows a healthy value", () => {
    expect(firing()).toContain("BackupUnknown node-exporter");
    expect(healthyTiles(about(BACKUP))).toEqual([]);
  });

  test("verify says of each that it is not read, and of the backup that nothing is known", () => {
    const { status, outcomes } = verify("metrics-sources", "alert-path", "backup-age");
    expect(status).toBe(1);
    for (const { job } of SOURCES) expect(problems(outcomes["metrics-sources"])).toContainEqual(expect.stringContaining(`metrics of ${job} cannot be read`));
    expect(problems(outcomes["metrics-sources"])).toContainEqual(expect.stringContaining("Metrics of the backup are missing"));
    expect(outcomes).toMatchObject({ "alert-path": { result: "unknown" }, "backup-age": { result: "unknown" } });
  });
});

describeIfImages("what measures the host", () => {
  test("stops: an alert fires, and no tile about the host, containers or backups shows a healthy value", async () => {
    docker("pause", WIKI.container(NODE.container));
    try {
      await until(() => firing().includes(`TargetDown ${NODE.job}`), 40, "the alert");
      expect(healthyTiles(about(NODE.gives))).toEqual([]);
    } finally {
      docker("unpause", WIKI.container(NODE.container));
    }
  });
});

describeIfImages("a container that was removed", () => {
  test("is missed, though nothing is measured of it any more", async () => {
    docker("rm", "--force", WIKI.container("backup"));
    const missed = () =>
      METRICS.alerts().some(({ state, labels }) => state === "firing" && labels.alertname === "ContainerMissing" && labels.container === "backup");
    await until(missed, 40, "the alert");
    expect(problems(verify("container-health").outcomes["container-health"])).toEqual([naming("backup")]);
  });
});

describeIfImages("Prometheus itself", () => {
  test("stops: verify does not know, and says so by its exit code", () => {
    docker("stop", WIKI.container("prometheus"));
    const { status, outcomes } = verify("metrics-sources");
    expect([status, outcomes["metrics-sources"]?.result]).toEqual([2, "unknown"]);
  });
});
