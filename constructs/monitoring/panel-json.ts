import type { Panel as GrafanaPanel } from "@grafana/grafana-foundation-sdk/dist/dashboard";
import type { Dataquery as GrafanaQuery } from "@grafana/grafana-foundation-sdk/dist/prometheus";
import { type Column, colorOf, type Graph, type Panel, type PanelKind, type Query, type State, type Steps, type Table, type Unit } from "./panel";

/** Uid of the data source that provisioning sets up. */
export const PROMETHEUS_UID = "prometheus";
export const HEIGHTS: Readonly<Record<PanelKind, number>> = { timeseries: 8, stat: 4, table: 8, "state-timeline": 11 };
export const WIDTHS: Readonly<Record<PanelKind, number>> = { timeseries: 12, stat: 4, table: 12, "state-timeline": 24 };
/** Time for which events are counted together, at least. */
const COUNTED = "5m";
/** Least upper end of an axis: with nothing but zeros, Grafana's own is a hundred. */
const SOFT_MAX: Readonly<Partial<Record<Unit, number>>> = { short: 4, percentunit: 0.05, ops: 1, reqps: 1, pps: 10, s: 0.1, Bps: 1000 };

/** A type of Grafana as JSON: enumerations are their values. */
export type Json<T> = T extends string
  ? `${T}`
  : T extends number
    ? number
    : T extends readonly (infer E)[]
      ? Json<E>[]
      : T extends object
        ? { [K in keyof T as K extends `_${string}` ? never : K]: Json<T[K]> }
        : T;

/** Where a panel is, in columns and rows. */
export interface Place {
  readonly h: number;
  readonly w: number;
  readonly x: number;
  readonly y: number;
}

/** A panel as Grafana reads it. */
export function renderPanel(panel: Panel, id: number, gridPos: Place): Json<GrafanaPanel> {
  const { title, kind, unit, queries, about, decimals, empty } = panel;
  return {
    type: kind,
    id,
    title,
    description: about,
    gridPos,
    datasource: { type: "prometheus", uid: PROMETHEUS_UID },
    ...(kind === "timeseries" && panel.counts ? { interval: COUNTED } : {}),
    targets: queries.map((query, index) => renderQuery(query, index, kind)),
    fieldConfig: {
      defaults: {
        unit,
        ...(decimals === undefined ? {} : { decimals }),
        ...(empty === undefined ? {} : { noValue: empty }),
        ...DEFAULTS[kind](panel as never),
      },
      overrides: renderOverrides(panel),
    },
    ...(kind === "table" ? { transformations: renderTransformations(panel) } : {}),
    options: renderOptions(panel),
  };
}

/** What holds for every field of a panel. */
const DEFAULTS: { readonly [K in PanelKind]: (panel: Extract<Panel, { kind: K }>) => object } = {
  timeseries: graphDefaults,
  // without thresholds Grafana colors every value from 80 red
  stat: ({ steps }) => (steps === undefined ? plain() : { thresholds: renderSteps(steps), color: { mode: "thresholds" } }),
  table: () => ({ ...plain(), custom: { align: "left" } }),
  "state-timeline": ({ states }) => ({ mappings: renderStates(states), color: { mode: "thresholds" }, custom: { fillOpacity: 75, lineWidth: 0 } }),
};

const plain = () => ({ color: { mode: "fixed", fixedColor: "text" }, thresholds: { mode: "absolute", steps: [{ value: null, color: "text" }] } });

function graphDefaults({ unit, steps, stacked = false, counts = false, softMax = SOFT_MAX[unit], signed = false }: Graph): object {
  return {
    ...(signed ? {} : { min: 0 }),
    ...(counts ? { decimals: 0 } : {}),
    ...(steps === undefined ? {} : { thresholds: renderLines(steps) }),
    color: { mode: "palette-classic" },
    custom: {
      drawStyle: counts ? "bars" : "line",
      lineWidth: 1,
      fillOpacity: counts ? 70 : stacked ? 30 : 8,
      showPoints: "never",
      spanNulls: false,
      stacking: { mode: stacked || counts ? "normal" : "none", group: "A" },
      thresholdsStyle: { mode: steps ? "dashed" : "off" },
      ...(softMax === undefined ? {} : { axisSoftMax: softMax }),
    },
  };
}

/** What holds for some of its fields. */
function renderOverrides(panel: Panel): Json<GrafanaPanel["fieldConfig"] & object>["overrides"] {
  if (panel.kind === "table") return panel.columns.map((column) => ({ matcher: { id: "byName", options: column.title }, properties: renderColumn(column) }));
  if (panel.kind === "timeseries" && panel.statusCodes) return STATUS_COLORS;
  return [];
}

/** Codes of HTTP by their hundred, each in a shade of its colour. */
const STATUS_COLORS = Object.entries({ 2: "green", 3: "blue", 4: "orange", 5: "red" }).map(([hundred, fixedColor]) => ({
  matcher: { id: "byRegexp", options: `/^${hundred}/` },
  properties: [{ id: "color", value: { mode: "shades", fixedColor } }],
}));

function renderColumn({ width, unit, decimals, states, filled = false, wrapped = false, link }: Column): { id: string; value: unknown }[] {
  const cell = filled ? { type: "color-background", mode: "basic" } : { type: states?.some(({ color }) => color) ? "color-text" : "auto" };
  return [
    ...(width === undefined ? [] : [{ id: "custom.width", value: width }]),
    ...(unit === undefined ? [] : [{ id: "unit", value: unit }]),
    ...(decimals === undefined ? [] : [{ id: "decimals", value: decimals }]),
    ...(states === undefined ? [] : [{ id: "mappings", value: renderStates(states) }]),
    ...(wrapped ? [{ id: "custom.wrapText", value: true }] : []),
    ...(link === undefined ? [] : [{ id: "links", value: [{ ...link, targetBlank: false }] }]),
    { id: "custom.cellOptions", value: cell },
  ];
}

/** Columns of the questions become the columns that are asked for, in their order and with their titles. */
function renderTransformations({ queries, columns }: Table) {
  const organize = {
    id: "organize",
    options: {
      indexByName: Object.fromEntries(columns.map(({ field }, index) => [field, index])),
      renameByName: Object.fromEntries(columns.map(({ field, title }) => [field, title])),
      excludeByName: { Time: true },
    },
  };
  return queries.length > 1 ? [{ id: "merge", options: {} }, organize] : [organize];
}

function renderOptions(panel: Panel): object {
  switch (panel.kind) {
    case "timeseries":
      return { legend: { displayMode: "list", placement: "bottom", showLegend: true, calcs: [] }, tooltip: { mode: "multi", sort: "desc" } };
    case "stat":
      return {
        reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
        colorMode: "value",
        graphMode: "none",
        textMode: panel.text ?? "value",
        orientation: "auto",
        justifyMode: "auto",
      };
    case "state-timeline":
      return {
        mergeValues: true,
        showValue: "never",
        alignValue: "left",
        rowHeight: 0.85,
        legend: { displayMode: "list", placement: "bottom", showLegend: true, calcs: [] },
        tooltip: { mode: "single", sort: "none" },
      };
    case "table":
      return {
        showHeader: true,
        cellHeight: "sm",
        sortBy: panel.sort.map(({ title, descending = false }) => ({ displayName: title, desc: descending })),
      };
  }
}

function renderQuery({ expr, legend }: Query, index: number, kind: PanelKind): Json<GrafanaQuery> {
  // what is asked for a time span would show its last value, however old
  const instant = kind === "stat" || kind === "table";
  return {
    refId: String.fromCharCode("A".charCodeAt(0) + index),
    datasource: { type: "prometheus", uid: PROMETHEUS_UID },
    editorMode: "code",
    expr,
    ...(legend === undefined ? {} : { legendFormat: legend }),
    instant,
    range: !instant,
    ...(kind === "table" ? { format: "table" as const } : {}),
  };
}

function renderStates(states: readonly State[]): object[] {
  const options = Object.fromEntries(states.map(({ value, text, color }, index) => [`${value}`, { text, index, ...(color === undefined ? {} : { color }) }]));
  return [{ type: "value", options }];
}

/** Grafana colours from a value on; what is worse below it has its colours the other way round. */
function renderSteps(steps: Steps) {
  const edges = [steps.yellow, steps.red].filter((edge) => edge !== undefined).sort((a, b) => a - b);
  const below = (edges[0] ?? 0) - 1;
  const colored = [null, ...edges].map((value) => ({ value: value as number, color: colorOf(steps, value ?? below) }));
  return { mode: "absolute" as const, steps: colored };
}

/** A dashed line has the colour of what begins there, on whichever side. */
function renderLines({ yellow, red }: Steps) {
  const lines = Object.entries({ yellow, red }).flatMap(([color, value]) => (value === undefined ? [] : [{ value, color }]));
  return { mode: "absolute" as const, steps: [{ value: null, color: "green" }, ...lines.sort((a, b) => a.value - b.value)] };
}
