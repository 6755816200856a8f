import type { KeyMetric } from "./key-metrics";
import type { Source } from "./source";

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
  | "dtdurations"
  // Grafana's own unit for days turns 80 of them into "11.4 weeks"
  | "suffix:days"
  | "suffix:hours"
  | "suffix:more"
  | "bool_yes_no"
  | "bool_on_off"
  | "dateTimeFromNow";

/** One question to Prometheus. */
export interface Query {
  readonly expr: string;
  /** What a line is called; `{{container}}` is filled in. @default - its labels */
  readonly legend?: string;
  /** Whether there is no series until something happens. @default false */
  readonly sparse?: boolean;
}

/** A question with one answer, or none while its source is silent: only a `Source` makes it. */
export interface TileQuery extends Query {
  readonly source: Source;
}

/** Values from which on something is not green; of what has only one of the two, the other never comes. */
export interface Steps {
  /** `above`: the larger, the worse. `below`: the smaller, the worse. */
  readonly worse: "above" | "below";
  readonly yellow?: number;
  readonly red?: number;
}

/** A number that represents a state. */
export interface State {
  readonly value: number | string;
  readonly text: string;
  readonly color?: Color;
}

export type Color = "green" | "yellow" | "orange" | "red" | "blue" | "text";

interface CommonPanel {
  /** Short: a tile is four of 24 columns wide, and beside its title there is a mark for `about`. */
  readonly title: string;
  readonly unit: Unit;
  /** What it shows and what is normal, for a reader who has never seen it. */
  readonly about: string;
  /** Columns of 24. @default 12, and 4 for a `stat` */
  readonly width?: number;
  /** Rows of 38 pixels. @default - that of its kind */
  readonly height?: number;
  /** @default - as Grafana finds good */
  readonly decimals?: number;
  /** What is written where there is nothing. @default "No data" */
  readonly empty?: string;
  readonly metric?: KeyMetric;
}

/** How it is now. */
export interface Tile extends CommonPanel {
  readonly kind: "stat";
  readonly queries: readonly [TileQuery];
  /** @default - no colour */
  readonly steps?: Steps;
  /** Whether the name of the series is what it says. @default "value" */
  readonly text?: "value" | "name";
}

/** How it went. */
export interface Graph extends CommonPanel {
  readonly kind: "timeseries";
  readonly queries: readonly Query[];
  /** Drawn as dashed lines. @default - none */
  readonly steps?: Steps;
  /** Whether lines are stacked. @default false */
  readonly stacked?: boolean;
  /** Events, counted for each five minutes or more: bars. @default false */
  readonly counts?: boolean;
  /** Whether series are HTTP status codes, which have fixed colors. @default false */
  readonly statusCodes?: boolean;
  /** Least upper end of the axis, so that nothing looks like nothing. @default - that of its unit */
  readonly softMax?: number;
  /** Whether values can be less than zero. @default false */
  readonly signed?: boolean;
}

/** Which state each of several things was in. */
export interface Timeline extends CommonPanel {
  readonly kind: "state-timeline";
  readonly queries: readonly Query[];
  readonly states: readonly State[];
}

/** A column of a table: a label, or the value of a question. */
export interface Column {
  /** Name of a label, or `Value`, or `Value #A` where there are several questions. */
  readonly field: string;
  readonly title: string;
  /** Pixels. @default - what is left */
  readonly width?: number;
  readonly unit?: Unit;
  readonly decimals?: number;
  readonly states?: readonly State[];
  /** Whether the states colour the whole cell. @default false */
  readonly filled?: boolean;
  /** Whether long text gets several lines. @default false */
  readonly wrapped?: boolean;
  /** Link target. */
  readonly link?: { readonly title: string; readonly url: string };
}

/** One row for each thing. */
export interface Table extends CommonPanel {
  readonly kind: "table";
  readonly queries: readonly Query[];
  readonly columns: readonly Column[];
  /** Titles of columns, the most important first. */
  readonly sort: readonly { readonly title: string; readonly descending?: boolean }[];
}

export type Panel = Tile | Graph | Timeline | Table;
export type PanelKind = Panel["kind"];

/** Colour of a value, as Grafana finds it. */
export function colorOf({ worse, yellow, red }: Steps, value: number): "green" | "yellow" | "red" {
  const reached = (step: number | undefined) => step !== undefined && (worse === "above" ? value >= step : value < step);
  if (reached(red)) return "red";
  return reached(yellow) ? "yellow" : "green";
}

/** Red from the value on that raises a critical alert, yellow a tenth before it. */
export function critical(limit: number): Steps {
  return { worse: "above", yellow: 0.9 * limit, red: limit };
}

/** Yellow from the value on that raises a warning. */
export function warning(limit: number): Steps {
  return { worse: "above", yellow: limit };
}

/** One is one too many. */
export const ANY_IS_CRITICAL: Steps = { worse: "above", red: 1 };
export const ANY_IS_WARNING: Steps = warning(1);
/** Yes is 1, and anything less is no. */
export const YES_IS_GOOD: Steps = { worse: "below", red: 1 };
