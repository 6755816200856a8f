import { join } from "node:path";
import type { Dashboard as GrafanaDashboard, Panel as GrafanaPanel } from "@grafana/grafana-foundation-sdk/dist/dashboard";
import { discover } from "../core/discover";
import type { AlertSettings } from "./alert";
import type { Panel } from "./panel";
import { HEIGHTS, type Json, renderPanel, WIDTHS } from "./panel-json";

/** What decides which panels there are, and their colours: what decides which alerts there are. */
export type DashboardSettings = AlertSettings;

/** A file below `dashboards/` exports one as `dashboard`. */
export interface Dashboard {
  /** Part of its address: lower-case letters. */
  readonly id: string;
  readonly title: string;
  /** What it shows, and which dashboard of grafana.com it replaces. */
  readonly about: string;
  /** Rows: heading → panels. */
  readonly rows: (settings: DashboardSettings) => Readonly<Record<string, readonly Panel[]>>;
}

export const DASHBOARDS = (): readonly Dashboard[] => discover<Dashboard>(join(__dirname, "dashboards"), "dashboard");

const TAG = "secure-bookstack";
const SCHEMA_VERSION = 41;
const COLUMNS = 24;

/** A dashboard as Grafana reads it. */
export function renderDashboard({ id, title, about, rows }: Dashboard, settings: DashboardSettings): Json<GrafanaDashboard> {
  return {
    uid: id,
    title,
    description: about,
    tags: [TAG],
    timezone: "browser",
    editable: false,
    graphTooltip: 1,
    schemaVersion: SCHEMA_VERSION,
    time: { from: "now-6h", to: "now" },
    refresh: "1m",
    annotations: { list: [] },
    templating: { list: [] },
    links: [LINK],
    panels: layOut(rows(settings)),
  };
}

/** From each dashboard to all of them, at the same time. */
const LINK: Json<NonNullable<GrafanaDashboard["links"]>[number]> = {
  type: "dashboards",
  title: "Dashboards",
  tags: [TAG],
  keepTime: true,
  asDropdown: false,
  includeVars: false,
  targetBlank: false,
  icon: "external link",
  tooltip: "",
  url: "",
};

function layOut(rows: Readonly<Record<string, readonly Panel[]>>): Json<GrafanaPanel>[] {
  const placed: Json<GrafanaPanel>[] = [];
  let y = 0;
  for (const [heading, panels] of Object.entries(rows)) {
    placed.push({ type: "row", id: placed.length + 1, title: heading, gridPos: { h: 1, w: COLUMNS, x: 0, y } });
    y += 1;
    let [x, height] = [0, 0];
    for (const panel of panels) {
      const { width = WIDTHS[panel.kind], height: h = HEIGHTS[panel.kind] } = panel;
      if (x + width > COLUMNS) [x, y, height] = [0, y + height, 0];
      placed.push(renderPanel(panel, placed.length + 1, { h, w: width, x, y }));
      [x, height] = [x + width, Math.max(height, h)];
    }
    y += height;
  }
  return placed;
}
