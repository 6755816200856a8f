import { renderAlerts, WATCHDOG } from "../../constructs/monitoring/alert";
import { DASHBOARDS } from "../../constructs/monitoring/dashboard";
import type { Steps, Tile } from "../../constructs/monitoring/panel";
import { renderRecordings } from "../../constructs/monitoring/prometheus-config";
import { MOST } from "../support/alerts";
import { describeUnless, missingProgram } from "../support/needs";
import { mergeRules, Promtool, type Rules, type RuleTest, type RuleTests, rulesFor } from "../support/promtool";
import { EVENTS, HEALTHY, MINUTES, RECORDED, type Samples, UNSHOWN } from "./dashboards/series";

const SETTINGS = MOST;

/** A question to promtool, and the answer that it should get. */
interface Expectation {
  readonly expr: string;
  readonly eval_time: string;
  readonly exp_samples: readonly object[];
}

/** A tile, where it is, and what it asks. */
interface Shown {
  readonly where: string;
  readonly expr: string;
  readonly steps?: Steps;
}

const TILES: Shown[] = DASHBOARDS().flatMap(({ id, rows }) =>
  Object.values(rows(SETTINGS))
    .flat()
    .filter((panel): panel is Tile => panel.kind === "stat")
    .map(({ title, steps, queries: [{ expr }] }) => ({ where: `${id}: ${title}`, expr, steps })),
);
/** The alert that is always raised, by which it is known that any is evaluated. */
const AWAKE: Rules = { groups: [{ name: "awake", rules: [{ alert: WATCHDOG, expr: "vector(1)" }] }] };
const NAMES = Object.entries(HEALTHY).flatMap(([job, samples]) => Object.keys(samples).map((series) => ({ job, name: nameOf(series) })));
const RECORDINGS = renderRecordings(SETTINGS) as Rules;

/** The last of `MINUTES` readings is now: a source is silent since two of them, and its earlier samples are still in every window. */
const BEFORE = MINUTES - 2;

type Change = (name: string, values: string) => string | undefined;
/** Stays as it is from then on; promtool counts what follows the first value. */
const ends: Change = (_, values) => `${values.replace(/x\d+$/, `x${BEFORE - 1}`)} stale _x10`;

describeUnless(missingProgram("promtool"), "tiles of the dashboards", () => {
  let promtool: Promtool;
  beforeEach(() => {
    promtool = new Promtool();
  });
  afterEach(() => promtool.remove());

  test("there are tiles, and each metric that one asks for is among the examples", () => {
    expect(TILES.length).toBeGreaterThan(45);
    const known = new Set([...NAMES.map(({ name }) => name), ...Object.keys(RECORDED), "up", "ALERTS"]);
    const words = TILES.flatMap(({ where, expr }) =>
      [...expr.replace(/\{[^}]*\}/g, "").matchAll(/\b[a-z]\w*[_:][\w:]+\b/g)]
        .map(([word]) => `${where}: ${word}`)
        .filter((word) => !/: (group_\w+)$/.test(word)),
    );
    expect(words.filter((word) => !known.has(word.slice(word.lastIndexOf(" ") + 1)))).toEqual([]);
  });

  test("at rest each has one value, it is green where it has a colour, and no alert is raised", () => {
    const expected = TILES.flatMap((tile) => [values(tile, 1), ...green(tile, 1)]);
    expect(failures([{ name: "at rest", input: inputs(() => keeps), expected }], renderAlerts(SETTINGS) as Rules)).toBe("");
  });

  describe("with a silent source", () => {
    const silent: Record<string, { tiles: (tile: Shown) => boolean; up: number | undefined; change: (job: string) => Change }> = Object.fromEntries(
      Object.keys(HEALTHY).flatMap((job) => [
        [`${job}, since a minute`, { tiles: asksFor(job), up: 0, change: (of: string) => (of === job ? ends : keeps) }],
        [`${job}, from the first minute`, { tiles: asksFor(job), up: 0, change: (of: string) => (of === job ? gone : keeps) }],
        [`${job}, which is not scraped any more`, { tiles: asksFor(job), up: undefined, change: (of: string) => (of === job ? gone : keeps) }],
      ]),
    );

    const asking = (name: string) => TILES.filter(silent[name]?.tiles ?? (() => false));
    const questions = (name: string) => {
      const { up, change = () => keeps } = silent[name] ?? {};
      const [job = ""] = name.split(",");
      const input = [...inputs(change, job), ...(up === undefined ? [] : [{ series: `up{job="${job}",instance="x"}`, values: `1x${BEFORE} ${up}x10` }])];
      return { name, input, expected: asking(name).flatMap(unknown) };
    };

    /** Whether one run of promtool with the questions of all finds them to be right; starting it takes longer than the questions of one. */
    let right: boolean;
    beforeAll(() => {
      promtool = new Promtool();
      const names = Object.keys(silent);
      const { status, stdout } = promtool.test(filesOf(names.map(questions)));
      right = status === 0 && stdout.match(/SUCCESS/g)?.length === names.length;
      promtool.remove();
    });

    test.each(Object.keys(silent))("%s: no tile about it is green", (name) => {
      expect(asking(name).length).toBeGreaterThan(0);
      expect(right ? "" : failures([questions(name)])).toBe("");
    });

    test("a source that cannot be read is counted", () => {
      const [tile] = TILES.filter(({ where }) => where === "overview: Sources not read");
      const input = [...inputs(() => keeps, "traefik"), { series: 'up{job="traefik",instance="x"}', values: `1x${BEFORE} 0x10` }];
      expect(failures([{ name: "down", input, expected: green(tile as Shown, 0) }])).toBe("");
    });

    test("files that are not written any more say nothing", () => {
      const frozen: Change = (name, value) => (/^(node_textfile_mtime|host_checks_last)/.test(name) ? "0x200" : value);
      const tiles = TILES.filter(({ expr }) => /\b(container|host)_(?!cpu)/.test(expr));
      expect(tiles.length).toBeGreaterThan(8);
      expect(failures([{ name: "frozen", input: inputs(() => frozen), expected: tiles.flatMap((tile) => green(tile, 0)) }])).toBe("");
    });

    test("the last values of a database that is down are not shown", () => {
      const down: Change = (name, value) => {
        if (name === "mysql_up" || name === "bookstack_database_up") return `1x${BEFORE} 0x10`;
        return /^(mysql_|bookstack_(users|entities|sessions|default))/.test(name) ? ends(name, value) : value;
      };
      const tiles = TILES.filter(({ expr }) => /\b(mysql_|bookstack_)/.test(expr) && !expr.includes("bookstack_build_info"));
      expect(failures([{ name: "down", input: inputs(() => down), expected: tiles.flatMap((tile) => green(tile, 0)) }])).toBe("");
    });

    test("alerts that are not evaluated are not none", () => {
      const tiles = TILES.filter(({ expr }) => expr.includes("ALERTS"));
      expect(tiles.length).toBeGreaterThan(0);
      expect(failures([{ name: "no rules", input: inputs(() => keeps), expected: tiles.flatMap(unknown) }], { groups: [] })).toBe("");
    });
  });

  test("with one metric missing, nothing that is asked for with it is green", () => {
    const metrics = [...new Set(NAMES.map(({ name }) => name))].filter((name) => !EVENTS.test(name));
    const tests = metrics.flatMap((metric) => {
      const tiles = TILES.filter(({ expr }) => new RegExp(`\\b${metric}\\b`).test(expr) && !/unless/.test(expr.split(metric)[0] ?? ""));
      const without: Change = (name, value) => (name === metric ? undefined : value);
      return tiles.length === 0 ? [] : [{ name: `without ${metric}`, input: inputs(() => without), expected: tiles.flatMap(unknown) }];
    });
    expect(tests.length).toBeGreaterThan(35);
    expect(failures(tests)).toBe("");
  });

  test("the dashboard Security has a row for each certificate of the system, of which one may be unknown", () => {
    const panels = DASHBOARDS().flatMap(({ id, rows }) => (id === "security" ? Object.values(rows(SETTINGS)).flat() : []));
    const expr = panels.find(({ title }) => title === "SSL certificate expiration")?.queries[0]?.expr ?? "";
    const without: Change = (name, value) => (name === "certificate_end_timestamp_seconds" ? undefined : value);
    // besides their file, others show these
    const shown = ["edge", "database", "docker"];
    const rows = SETTINGS.certificates.map((name) => ({ labels: `{certificate="${name}"}`, value: shown.includes(name) ? 0 : 2 }));
    const all = SETTINGS.certificates.map((name) => ({ labels: `{certificate="${name}"}`, value: 0 }));
    const at = (exp_samples: object[]) => [{ expr: `max by (certificate) (${expr})`, eval_time: `${MINUTES}m`, exp_samples }];
    expect(failures([{ name: "known", input: inputs(() => keeps), expected: at(all) }])).toBe("");
    expect(failures([{ name: "unknown", input: inputs(() => without), expected: at(rows) }])).toBe("");
  });

  test("would notice a tile that falls back to a healthy value", () => {
    const tile: Shown = {
      where: "old: Last backup",
      expr: "time() - backup_last_success_timestamp_seconds or on () vector(0)",
      steps: { worse: "above", red: 9 },
    };
    const without: Change = (name, value) => (name.startsWith("backup") ? undefined : value);
    expect(failures([{ name: "old", input: inputs(() => without), expected: unknown(tile) }])).toContain("old: Last backup");
  });

  /** What promtool says of expectations that are not met; nothing when all are. */
  function failures(tests: readonly Questions[], alerts: Rules = AWAKE): string {
    return promtool.failures(filesOf(tests, alerts));
  }
});

/** Series, and what is expected with them. */
interface Questions {
  readonly name: string;
  readonly input: RuleTest["input_series"];
  readonly expected: readonly Expectation[];
}

/** A file of promtool for each, with the recordings that it reads. */
function filesOf(tests: readonly Questions[], alerts: Rules = AWAKE): RuleTests[] {
  return tests.map(({ name, input, expected }) => {
    const recordings = rulesFor(
      RECORDINGS,
      [...expected, ...alerts.groups.flatMap((group) => group.rules)].map(({ expr }) => expr),
    );
    return { rules: mergeRules(alerts, recordings), tests: [{ name, interval: "1m", input_series: input, promql_expr_test: expected }] };
  });
}

const keeps: Change = (_, values) => values;
const gone: Change = () => undefined;

function nameOf(series: string): string {
  return series.replace(/\{.*/, "");
}

/** Whether a tile asks for something that a job tells. */
function asksFor(job: string): (tile: Shown) => boolean {
  const names = [
    ...NAMES.filter((known) => known.job === job).map(({ name }) => name),
    ...Object.entries(RECORDED).flatMap(([name, of]) => (of === job ? [name] : [])),
  ];
  return ({ expr }) => names.some((name) => new RegExp(`(?<![\\w:])${name}(?![\\w:])`).test(expr));
}

/** Series of promtool: all that is healthy, and `up` of all but `except`. */
function inputs(changeOf: (job: string) => Change | undefined, except = ""): { series: string; values: string }[] {
  const all = { ...HEALTHY, ...UNSHOWN };
  const jobs = Object.keys(all).filter((job) => job !== except);
  return [
    ...Object.entries(all).flatMap(([job, samples]) => seriesOf(job, samples, changeOf(job) ?? keeps)),
    ...jobs.map((job) => ({ series: `up{job="${job}",instance="x"}`, values: "1x200" })),
  ];
}

function seriesOf(job: string, samples: Samples, change: Change): { series: string; values: string }[] {
  return Object.entries(samples).flatMap(([series, [now, perMinute]]) => {
    const values = change(nameOf(series), `${now - perMinute * MINUTES}+${perMinute}x200`);
    const labels = `job="${job}",instance="x"`;
    return values === undefined ? [] : [{ series: series.includes("{") ? series.replace("{", `{${labels},`) : `${series}{${labels}}`, values }];
  });
}

/** How many values a tile has. */
function values({ where, expr }: Shown, wanted: number): Expectation {
  return expectation(`label_replace(count(${expr}) or vector(0), "tile", "${where}", "", "")`, where, wanted);
}

/** How many of them are green. */
function green({ where, expr, steps }: Shown, wanted: number): Expectation[] {
  if (steps === undefined) return [];
  const edges = [steps.yellow, steps.red].filter((edge) => edge !== undefined);
  const good = steps.worse === "above" ? `< ${Math.min(...edges)}` : `>= ${Math.max(...edges)}`;
  return [expectation(`label_replace(count((${expr}) ${good}) or vector(0), "tile", "${where}", "", "")`, where, wanted)];
}

/** A tile with colours is not green; one without has no value. */
function unknown(tile: Shown): Expectation[] {
  return tile.steps === undefined ? [values(tile, 0)] : green(tile, 0);
}

function expectation(expr: string, where: string, value: number): Expectation {
  return { expr, eval_time: `${MINUTES}m`, exp_samples: [{ labels: `{tile="${where}"}`, value }] };
}
