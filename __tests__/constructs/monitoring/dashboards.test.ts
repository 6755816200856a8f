import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DASHBOARDS, type DashboardSettings, type Panel, renderDashboard } from "../../../constructs/monitoring/dashboard";
import { KEY_METRICS } from "../../../constructs/monitoring/key-metrics";

const EVERYTHING: DashboardSettings = { backup: true, host: true };
const SETTINGS: readonly DashboardSettings[] = [EVERYTHING, { backup: false, host: false }];
const panelsOf = (settings: DashboardSettings): Panel[] => DASHBOARDS().flatMap(({ rows }) => Object.values(rows(settings)).flat());

test("each file is a dashboard of its name", () => {
  const files = readdirSync(join(__dirname, "..", "..", "..", "constructs", "monitoring", "dashboards"));
  expect(DASHBOARDS().map(({ id }) => `${id}.ts`)).toEqual(files.sort());
});

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

  test("gives each panel a number and a title of its own", () => {
    for (const values of [panels.map(({ id }) => `${id}`), panels.map(({ title }) => `${title}`)]) expect(new Set(values).size).toBe(values.length);
  });

  test("asks the source that is provisioned, and nothing that a person would have to choose", () => {
    for (const panel of panels.filter(({ type }) => type !== "row")) expect(panel).toMatchObject({ datasource: { type: "prometheus", uid: "prometheus" } });
    expect(rendered).toMatchObject({ editable: false, templating: { list: [] } });
    expect(JSON.stringify(rendered)).not.toMatch(/\$\{|\$(?!__rate_interval\b)\w/);
  });

  test("says nothing of days without an event but zero", () => {
    const events = /\b(cs_|authelia_|host_|backup_|traefik_(router|service|entrypoint)_requests|mysql_slave|bookstack_(activities|sessions))/;
    const silent = Object.values(dashboard.rows(EVERYTHING))
      .flat()
      .flatMap(({ title, queries }) =>
        queries.filter(({ expr }) => events.test(expr) && !expr.includes("or on () vector(0)")).map(({ expr }) => `${title}: ${expr}`),
      );
    expect(silent).toEqual([]);
  });
});
