import type { Dashboard as GrafanaDashboard, Panel as GrafanaPanel } from "@grafana/grafana-foundation-sdk/dist/dashboard";
import type { Dataquery as GrafanaQuery } from "@grafana/grafana-foundation-sdk/dist/prometheus";
import { discover } from "./discover";
import type { KeyMetric } from "./key-metrics";

/** Units by which Grafana writes numbers. */
export type Unit =
  | "short"
  | "percent"
  | "percentunit"
  | "bytes"
  | "Bps"
  | "binBps"
  | "pps"
  | "ops"
  | "reqps"
  | "s"
  | "d"
  | "bool_yes_no"
  | "bool_on_off"
  | "dateTimeFromNow";

/** One question to Prometheus. */
export interface Query {
  readonly expr: string;
  /** What a line is called; `{{container}}` is filled in. @default - its labels */
  readonly legend?: string;
}

/** `timeseries`: how it went. `stat`: how it is. `table`: one row for each series. */
export type PanelKind = "timeseries" | "stat" | "table";

export interface Panel {
  readonly title: string;
  readonly kind: PanelKind;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** What it shows, for who asks. @default - the title says it */
  readonly about?: string;
  /** Columns of 24. @default 12, and 4 for a `stat` */
  readonly width?: number;
  /** Values from which on the colour changes: to yellow, to red; when the second is smaller, less is worse. */
  readonly steps?: readonly [yellow: number, red: number];
  /** Whether lines are stacked. @default false */
  readonly stacked?: boolean;
  readonly metric?: KeyMetric;
}

/** What decides which panels there are. */
export interface DashboardSettings {
  readonly backup: boolean;
  readonly host: boolean;
}

/** A file below `dashboards/` exports one as `dashboard`. */
export interface Dashboard {
  /** Part of its address: lower-case letters. */
  readonly id: string;
  readonly title: string;
  /** What it shows, and which dashboard of grafana.com it stands in for. */
  readonly about: string;
  /** Rows: heading → panels. */
  readonly rows: (settings: DashboardSettings) => Readonly<Record<string, readonly Panel[]>>;
}

export const DASHBOARDS = (): readonly Dashboard[] => discover<Dashboard>("dashboards", "dashboard");

/** Uid of the data source that provisioning sets up. */
export const PROMETHEUS_UID = "prometheus";
const SCHEMA_VERSION = 41;
const COLUMNS = 24;
const HEIGHTS: Readonly<Record<PanelKind, number>> = { timeseries: 8, stat: 4, table: 8 };
const WIDTHS: Readonly<Record<PanelKind, number>> = { timeseries: 12, stat: 4, table: 12 };

/** A type of Grafana's own, as it stands in JSON: enumerations are their values. */
type Json<T> = T extends string
  ? `${T}`
  : T extends number
    ? number
    : T extends readonly (infer E)[]
      ? Json<E>[]
      : T extends object
        ? { [K in keyof T as K extends `_${string}` ? never : K]: Json<T[K]> }
        : T;

/** A dashboard as Grafana reads it. */
export function renderDashboard({ id, title, about, rows }: Dashboard, settings: DashboardSettings): Json<GrafanaDashboard> {
  return {
    uid: id,
    title,
    description: about,
    tags: ["secure-bookstack"],
    timezone: "browser",
    editable: false,
    graphTooltip: 1,
    schemaVersion: SCHEMA_VERSION,
    time: { from: "now-6h", to: "now" },
    refresh: "1m",
    annotations: { list: [] },
    templating: { list: [] },
    links: [],
    panels: layOut(rows(settings)),
  };
}

function layOut(rows: Readonly<Record<string, readonly Panel[]>>): Json<GrafanaPanel>[] {
  const placed: Json<GrafanaPanel>[] = [];
  let y = 0;
  for (const [heading, panels] of Object.entries(rows)) {
    placed.push({ type: "row", id: placed.length + 1, title: heading, gridPos: { h: 1, w: COLUMNS, x: 0, y } });
    y += 1;
    let [x, height] = [0, 0];
    for (const panel of panels) {
      const { width = WIDTHS[panel.kind] } = panel;
      const h = HEIGHTS[panel.kind];
      if (x + width > COLUMNS) [x, y, height] = [0, y + height, 0];
      placed.push(renderPanel(panel, placed.length + 1, { h, w: width, x, y }));
      [x, height] = [x + width, Math.max(height, h)];
    }
    y += height;
  }
  return placed;
}

function renderPanel(panel: Panel, id: number, gridPos: { h: number; w: number; x: number; y: number }): Json<GrafanaPanel> {
  const { title, kind, unit, queries, about, steps } = panel;
  return {
    type: kind,
    id,
    title,
    ...(about === undefined ? {} : { description: about }),
    gridPos,
    datasource: { type: "prometheus", uid: PROMETHEUS_UID },
    targets: queries.map((query, index) => renderQuery(query, index, kind)),
    fieldConfig: {
      defaults: {
        unit,
        // less than nothing is an error, and a scale that begins elsewhere misleads
        ...(unit.startsWith("percent") || unit === "bytes" ? { min: 0 } : {}),
        ...(steps === undefined ? {} : { thresholds: renderSteps(steps), color: { mode: kind === "timeseries" ? "palette-classic" : "thresholds" } }),
        custom: custom(panel),
      },
      overrides: [],
    },
    ...(kind === "table" ? { transformations: [{ id: "organize", options: { excludeByName: { Time: true, instance: true, job: true } } }] } : {}),
    options: OPTIONS[kind],
  };
}

function custom({ kind, stacked = false, steps }: Panel): object {
  if (kind !== "timeseries") return {};
  return {
    drawStyle: "line",
    lineWidth: 1,
    fillOpacity: stacked ? 30 : 8,
    showPoints: "never",
    spanNulls: false,
    stacking: { mode: stacked ? "normal" : "none", group: "A" },
    thresholdsStyle: { mode: steps ? "dashed" : "off" },
  };
}

const OPTIONS: Readonly<Record<PanelKind, object>> = {
  timeseries: { legend: { displayMode: "list", placement: "bottom", showLegend: true, calcs: [] }, tooltip: { mode: "multi", sort: "desc" } },
  stat: {
    reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
    colorMode: "value",
    graphMode: "area",
    textMode: "auto",
    orientation: "auto",
    justifyMode: "auto",
  },
  table: { showHeader: true, cellHeight: "sm" },
};

function renderQuery({ expr, legend }: Query, index: number, kind: PanelKind): Json<GrafanaQuery> {
  return {
    refId: String.fromCharCode("A".charCodeAt(0) + index),
    datasource: { type: "prometheus", uid: PROMETHEUS_UID },
    editorMode: "code",
    expr,
    ...(legend === undefined ? {} : { legendFormat: legend }),
    ...(kind === "table" ? { instant: true, range: false, format: "table" } : { instant: false, range: true }),
  };
}

function renderSteps([yellow, red]: readonly [number, number]) {
  const step = (value: number | null, color: string) => ({ value: value as number, color });
  const rising = [step(null, "green"), step(yellow, "yellow"), step(red, "red")];
  const falling = [step(null, "red"), step(red, "yellow"), step(yellow, "green")];
  return { mode: "absolute" as const, steps: red >= yellow ? rising : falling };
}
