import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

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

/** The plot as SVG. */
export function drawBars({ title, axis, bars }: Bars): Promise<string> {
  const groups = [...new Set(bars.map(({ group }) => group))];
  const series = [...new Set(bars.map((bar) => bar.series))];
  const encoding = {
    y: { field: "group", type: "nominal", sort: groups, title: null },
    ...(series.length > 1 ? { yOffset: { field: "series", sort: series } } : {}),
  } as const;
  const spec: TopLevelSpec = {
    $schema: "https://vega.github.io/schema/vega-lite/v5.json",
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
          color: { field: "series", sort: series, type: "nominal", title: null },
        },
      },
      { mark: { type: "rule" }, encoding: { ...encoding, x: { field: "low", type: "quantitative" }, x2: { field: "high" } } },
    ],
  };
  return new View(parse(compile(spec).spec), { renderer: "none" }).toSVG();
}
