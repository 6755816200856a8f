import type { Summary } from "../../lib/operations/summary";
import { type Band, type Box, BROWSER, type Layout, LINE, layOut, NAME_LINE, type Rectangle, rectangleOf, VOLUME_LINE } from "./layout";

/** A connection from one container to another. */
interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Purpose and port. */
  readonly label: string;
}

/** The architecture picture of an environment: containers, networks and connections. */
export function renderPicture(summary: Summary): string {
  const layout = layOut(summary);
  const arrows = arrowsOf(layout);
  const { width, height, host, browser } = layout;
  const legend = host.y + host.height + 24;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title description">
  <title id="title">Containers, their networks and their connections</title>
  <desc id="description">${escaped(describe(layout, arrows))}</desc>
${STYLE}
  <rect class="page" width="${width}" height="${height}" rx="10"/>
  ${rectangle("host", host, 10)}
  ${text("name", host.x + host.width - 16, host.y + 26, "Docker host", "end")}
  ${layout.bands.map(band).join("\n  ")}
  ${arrows.map((item) => arrow(layout, item, arrows)).join("\n  ")}
  ${rectangle("box", browser, browser.height / 2)}
  ${text("name", browser.x + browser.width / 2, browser.y + 28, "browser", "middle")}
  ${layout.boxes.map(box).join("\n  ")}
  ${rectangle("box", { x: 40, y: legend, width: 34, height: 22 }, 5)}
  ${text("small", 84, legend + 16, "keeps running")}
  ${rectangle("box job", { x: 200, y: legend, width: 34, height: 22 }, 5)}
  ${text("small", 244, legend + 16, "runs once and ends")}
  ${rectangle("volume", { x: 400, y: legend, width: 34, height: 22 }, 11)}
  ${text("small", 444, legend + 16, "volume with data")}
  <path class="arrow" marker-end="url(#head)" d="M580 ${legend + 11}h34"/>
  ${text("small", 624, legend + 16, "opens connections to")}
</svg>
`;
}

/** In words, for who cannot see it. */
function describe(layout: Layout, arrows: readonly Arrow[]): string {
  const { boxes } = layout;
  const places = boxes.map(({ name, container: { networks } }) => `${name}: ${networks.map(ending).join(", ") || "no network"}`);
  const ways = arrows.map(({ from, to, label }) => `${from} to ${to} (${label})`);
  return `Containers and their networks. ${places.join("; ")}. Connections: ${ways.join("; ")}.`;
}

/** What the browser opens, and what containers open to others that run. */
function arrowsOf({ boxes }: Layout): readonly Arrow[] {
  const runs = (name: string) => boxes.some((box) => box.name === name);
  const opened = boxes.flatMap(({ name, container: { connects } }) => connects.map(({ to, label }) => ({ from: name, to, label })));
  const published = boxes.filter(({ container }) => container.published.length > 0);
  return [...published.map(({ name }) => ({ from: BROWSER, to: name, label: "443: TLS 1.3 only, HTTP/3" })), ...opened.filter(({ to }) => runs(to))];
}

function ending(network: string): string {
  return network.slice(network.lastIndexOf("-") + 1);
}

function band({ name, notes, network, ...place }: Band): string {
  const right = place.x + place.width - 16;
  const labels = [
    text("name", right, place.y + 26, name, "end"),
    ...notes.map((note, index) => text("small", right, place.y + 44 + index * LINE, note, "end")),
  ];
  return [`<g data-band="${name}">`, `  ${rectangle(network ? name : "none", place, 8)}`, ...labels.map((line) => `  ${line}`), "</g>"].join("\n  ");
}

function box({ name, lines: texts, volumes, container: { kind }, ...place }: Box): string {
  const middle = place.x + place.width / 2;
  const start = place.y + place.height - volumes.length * VOLUME_LINE - 6;
  const lines = [
    rectangle(kind === "job" ? "box job" : "box", place, 8),
    text("name", middle, place.y + NAME_LINE - 2, name, "middle"),
    ...texts.map((line, index) => text("", middle, place.y + NAME_LINE + (index + 1) * LINE, line, "middle")),
    ...volumes.flatMap((volume, index) => {
      const y = start + index * VOLUME_LINE;
      return [rectangle("volume", { x: place.x + 15, y, width: place.width - 30, height: 24 }, 12), text("small", middle, y + 16, volume, "middle")];
    }),
  ];
  return [`<g data-container="${name}">`, ...lines.map((line) => `  ${line}`), "</g>"].join("\n  ");
}

function arrow(layout: Layout, { from, to, label }: Arrow, arrows: readonly Arrow[]): string {
  const [start, end] = [rectangleOf(layout, from), rectangleOf(layout, to)];
  const both = arrows.some((other) => other.from === to && other.to === from);
  const { path, x, y } = start.y === end.y ? sideways(start, end) : downwards(start, end, both);
  return [`<path class="arrow" marker-end="url(#head)" d="${path}"/>`, text("small label", x, y, label, "middle")].join("\n  ");
}

/** From side to side, in one row. */
function sideways(start: Rectangle, end: Rectangle) {
  const [y, right] = [start.y + start.height / 2, end.x > start.x];
  const [x1, x2] = right ? [start.x + start.width, end.x] : [start.x, end.x + end.width];
  return { path: `M${x1} ${y}H${x2}`, x: (x1 + x2) / 2, y: y - 8 };
}

/** From one edge to the facing one, nearer to where the other one is; beside each other where there is one `both` ways. */
function downwards(start: Rectangle, end: Rectangle, both: boolean) {
  const up = end.y < start.y;
  const shift = Math.sign(end.x - start.x) * (start.width / 4);
  const aside = both ? (up ? 1 : -1) * (start.width / 4) : 0;
  const [x1, x2] = [start.x + start.width / 2 + shift + aside, end.x + end.width / 2 - shift + aside];
  const [y1, y2] = up ? [start.y, end.y + end.height] : [start.y + start.height, end.y];
  const half = (y1 + y2) / 2;
  return { path: `M${x1} ${y1}C${x1} ${half} ${x2} ${half} ${x2} ${y2}`, x: (x1 + x2) / 2, y: half + 4 };
}

function rectangle(kind: string, { x, y, width, height }: Rectangle, radius: number): string {
  return `<rect class="${kind.replace(/ network$/, "")}" x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`;
}

function text(kind: string, x: number, y: number, content: string, anchor = "start"): string {
  return `<text${kind && ` class="${kind}"`} x="${x}" y="${y}"${anchor === "start" ? "" : ` text-anchor="${anchor}"`}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

const STYLE = `  <style>
    .page { fill: #ffffff }
    .host { fill: #f6f8fa; stroke: #8c959f }
    .proxy { fill: #fff1e5; stroke: #bc4c00 }
    .backend { fill: #ddf4ff; stroke: #0969da }
    .database { fill: #dafbe1; stroke: #1a7f37 }
    .none { fill: none; stroke: #8c959f; stroke-dasharray: 2 4 }
    .box { fill: #ffffff; stroke: #1f2328; stroke-width: 1.5 }
    .job { stroke-dasharray: 6 4 }
    .volume { fill: #ffffff; stroke: #59636e }
    .arrow { fill: none; stroke: #1f2328; stroke-width: 1.5 }
    .head { fill: #1f2328 }
    text { fill: #1f2328; font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif }
    .name { font-weight: 600; font-size: 15px }
    .small { fill: #59636e; font-size: 12px }
    .label { fill: #1f2328; stroke: #ffffff; stroke-width: 4; stroke-linejoin: round; paint-order: stroke }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117 }
      .host { fill: #151b23; stroke: #656c76 }
      .proxy { fill: #3d1300; stroke: #f0883e }
      .backend { fill: #0c2d6b; stroke: #58a6ff }
      .database { fill: #033a16; stroke: #3fb950 }
      .none { fill: none; stroke: #656c76 }
      .box { fill: #0d1117; stroke: #e6edf3 }
      .volume { fill: #0d1117; stroke: #9198a1 }
      .arrow { stroke: #e6edf3 }
      .head { fill: #e6edf3 }
      text { fill: #e6edf3 }
      .small { fill: #b1bac4 }
      .label { fill: #e6edf3; stroke: #0d1117 }
    }
  </style>
  <defs>
    <marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path class="head" d="M0 0 10 5 0 10z"/></marker>
  </defs>`;
