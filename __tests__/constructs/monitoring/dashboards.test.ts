import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ALERT_FAMILIES } from "../../../constructs/monitoring/alert";
import { DASHBOARDS, type DashboardSettings, renderDashboard } from "../../../constructs/monitoring/dashboard";
import { EXPLAINED_BY } from "../../../constructs/monitoring/explained-by";
import { KEY_METRICS } from "../../../constructs/monitoring/key-metrics";
import { colorOf, type Panel } from "../../../constructs/monitoring/panel";
import { LEAST, MOST } from "../../support/alerts";

const EVERYTHING: DashboardSettings = MOST;
const SETTINGS: readonly DashboardSettings[] = [EVERYTHING, LEAST];
const panelsOf = (settings: DashboardSettings): Panel[] => DASHBOARDS().flatMap(({ rows }) => Object.values(rows(settings)).flat());
/** Pixels of a panel in a window of 1280, and what a title of letters takes beside the mark of its description. */
const PIXELS_OF_COLUMN = 52;
const PIXELS_OF_LETTER = 8.4;
const PIXELS_BESIDE = 52;

test("each file is a dashboard of its name", () => {
  const files = readdirSync(join(__dirname, "..", "..", "..", "constructs", "monitoring", "dashboards"));
  expect(DASHBOARDS().map(({ id }) => `${id}.ts`)).toEqual(files.sort());
});

type Rendered = NonNullable<ReturnType<typeof renderDashboard>["panels"]>[number];
const isDrawn = (panel: Rendered): panel is Exclude<Rendered, { panels: unknown }> => panel.type !== "row";

describe("key metrics", () => {
  test.each(Object.values(KEY_METRICS).flat())("%s has a panel, whatever is set up, and the title names it", (metric) => {
    for (const settings of SETTINGS) {
      const shown = panelsOf(settings).filter((panel) => panel.metric === metric);
      expect(shown).toHaveLength(1);
      expect(shown[0]?.title.toLowerCase()).toContain(metric.toLowerCase());
    }
  });
});

describe.each(DASHBOARDS().map((dashboard) => [dashboard.title, dashboard] as const))("%s", (_, dashboard) => {
  const rendered = renderDashboard(dashboard, EVERYTHING);
  const panels = rendered.panels ?? [];

  test("lays panels out beside each other, none over another", () => {
    const taken = new Set<string>();
    for (const { gridPos, title } of panels) {
      const { x = 0, y = 0, w = 0, h = 0 } = gridPos ?? {};
      expect([title, x + w <= 24]).toEqual([title, true]);
      for (let column = x; column < x + w; column += 1) {
        for (let line = y; line < y + h; line += 1) {
          expect([title, taken.has(`${column} ${line}`)]).toEqual([title, false]);
          taken.add(`${column} ${line}`);
        }
      }
    }
  });

  test("gives each panel a unique id and title", () => {
    for (const values of [panels.map(({ id }) => `${id}`), panels.map(({ title }) => `${title}`)]) expect(new Set(values).size).toBe(values.length);
  });

  test("asks the source that is provisioned, and nothing that a person would have to choose", () => {
    for (const panel of panels.filter(({ type }) => type !== "row")) expect(panel).toMatchObject({ datasource: { type: "prometheus", uid: "prometheus" } });
    expect(rendered).toMatchObject({ editable: false, templating: { list: [] } });
    expect(JSON.stringify(rendered)).not.toMatch(/\$\{(?!__value\.raw|__url_time_range)|\$(?!__rate_interval\b|\d)\w/);
  });

  test("links to all the others, with the same time range", () => {
    expect(rendered.links).toMatchObject([{ type: "dashboards", tags: ["secure-bookstack"], keepTime: true }]);
    expect(rendered.tags).toEqual(["secure-bookstack"]);
  });

  const drawn = panels.filter(isDrawn);

  test.each(drawn.map((panel) => [`${panel.title}`, panel] as const))("%s says what it shows, and its title fits", (title, { description = "", gridPos }) => {
    expect(description).toMatch(/^[^a-z].{10,}[.]$/);
    expect(title.length * PIXELS_OF_LETTER + PIXELS_BESIDE).toBeLessThanOrEqual((gridPos?.w ?? 0) * PIXELS_OF_COLUMN);
  });

  test("asks for now where it shows one value or a table, and colours nothing by steps of Grafana's own", () => {
    for (const panel of drawn.filter(({ type }) => type === "stat" || type === "table")) {
      for (const target of panel.targets ?? []) expect(target).toMatchObject({ instant: true, range: false });
      expect(panel.fieldConfig?.defaults.thresholds?.steps[0]?.value).toBe(null);
    }
  });
});

test("no question has an answer that was made up", () => {
  const made = panelsOf(EVERYTHING).flatMap(({ title, queries }) => queries.filter(({ expr }) => !/\) and on \(\) \(/.test(expr)).map(() => title));
  // what Prometheus itself knows of the alerts says so when it knows nothing
  expect(made).toEqual(["Firing alerts", "Firing alerts that follow from another"]);
  for (const { queries } of panelsOf(EVERYTHING)) for (const { expr } of queries) expect(expr).not.toMatch(/or (on \(\) )?vector\(\d\)(?!\) and on \(\))/);
});

test("every family of alerts links to a dashboard", () => {
  const ids = DASHBOARDS().map(({ id }) => id);
  for (const { name } of ALERT_FAMILIES()) expect(ids).toContain(EXPLAINED_BY[name]?.id);
});

test("what is green is found as Grafana finds it", () => {
  const worse = { worse: "above", yellow: 10, red: 20 } as const;
  expect([9, 10, 19, 20].map((value) => colorOf(worse, value))).toEqual(["green", "yellow", "yellow", "red"]);
  const better = { worse: "below", yellow: 20, red: 10 } as const;
  expect([9, 10, 19, 20].map((value) => colorOf(better, value))).toEqual(["red", "yellow", "yellow", "green"]);
  expect([0, 1].map((value) => colorOf({ worse: "below", red: 1 }, value))).toEqual(["red", "green"]);
});

describe("a threshold of the environment colours its tile", () => {
  const tight: DashboardSettings = {
    ...EVERYTHING,
    thresholds: {
      ...EVERYTHING.thresholds,
      diskPercent: 50,
      memoryPercent: 51,
      cpuPercent: 52,
      certificateDays: 53,
      backupHours: 54,
      drillDays: 5,
      errorPercent: 56,
    },
  };
  const edges = (id: string, title: string) => {
    const dashboard = DASHBOARDS().find((candidate) => candidate.id === id);
    const panel =
      dashboard &&
      renderDashboard(dashboard, tight)
        .panels?.filter(isDrawn)
        .find((candidate) => candidate.title === title);
    return panel?.fieldConfig?.defaults.thresholds?.steps.map(({ value, color }) => `${color} ${value === null ? "" : Math.round(1000 * value) / 1000}`.trim());
  };

  test.each([
    ["overview", "Fullest disk", ["green", "yellow 0.45", "red 0.5"]],
    ["overview", "Memory used", ["green", "yellow 0.459", "red 0.51"]],
    ["overview", "CPU busy", ["green", "yellow 0.52"]],
    ["overview", "Certificate expiry", ["red", "yellow 53", "green 80"]],
    ["overview", "Last backup", ["green", "yellow 174960", "red 194400"]],
    ["overview", "Wiki errors, 1 h", ["green", "yellow 0.504", "red 0.56"]],
    ["backup", "Last good drill", ["green", "yellow 432000"]],
    ["docker", "Age of the data", ["green", "yellow 60", "red 120"]],
  ])("%s: %s", (id, title, wanted) => expect(edges(id, title)).toEqual(wanted));
});
