import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

const SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json";

/** A plot of bars in groups, each with the lowest and highest value of the rounds. */
export interface Bars {
  /** Name of its file, behind that of the part. */
  readonly name: string;
  readonly title: string;
  /** What the axis of the values shows, with its unit. */
  readonly axis: string;
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly group: string;
  readonly series: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** A plot of values over time, one line for each series. */
export interface Lines {
  readonly name: string;
  readonly title: string;
  /** What the axis of the values shows, with its unit. */
  readonly axis: string;
  /** Unit of the time. */
  readonly over: string;
  readonly points: readonly Point[];
}

export interface Point {
  readonly series: string;
  readonly at: number;
  readonly value: number;
}

export type Plot = Bars | Lines;

/** The plot as SVG. */
export function draw(plot: Plot): Promise<string> {
  return "bars" in plot ? drawBars(plot) : drawLines(plot);
}

function drawLines({ title, axis, over, points }: Lines): Promise<string> {
  return svg({
    $schema: SCHEMA,
    title,
    width: 560,
    height: 320,
    background: "white",
    data: { values: points.map((point) => ({ ...point })) },
    mark: "line",
    encoding: {
      x: { field: "at", type: "quantitative", title: over },
      y: { field: "value", type: "quantitative", title: axis },
      color: { field: "series", type: "nominal", title: null, sort: null, scale: { scheme: "category20" } },
    },
  });
}

function svg(spec: TopLevelSpec): Promise<string> {
  return new View(parse(compile(spec).spec), { renderer: "none" }).toSVG();
}

function drawBars({ title, axis, bars }: Bars): Promise<string> {
  const groups = [...new Set(bars.map(({ group }) => group))];
  const series = [...new Set(bars.map((bar) => bar.series))];
  const encoding = {
    // a name that is cut says nothing
    y: { field: "group", type: "nominal", sort: groups, title: null, axis: { labelLimit: 400 } },
    ...(series.length > 1 ? { yOffset: { field: "series", sort: series } } : {}),
  } as const;
  const spec: TopLevelSpec = {
    $schema: SCHEMA,
    title,
    width: 560,
    background: "white",
    data: { values: bars.map((bar) => ({ ...bar })) },
    layer: [
      {
        mark: "bar",
        encoding: {
          ...encoding,
          x: { field: "value", type: "quantitative", title: axis },
          ...(series.length > 1 ? { color: { field: "series", sort: series, type: "nominal", title: null } } : {}),
        },
      },
      { mark: { type: "rule" }, encoding: { ...encoding, x: { field: "low", type: "quantitative" }, x2: { field: "high" } } },
    ],
  };
  return svg(spec);
}
