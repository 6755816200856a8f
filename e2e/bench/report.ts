import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { runSync } from "../support/bounded";
import type { Deployment } from "../support/deployment";
import { imagesHere } from "../support/images";
import { draw, type Plot } from "./plot";
import { type Target, verdict } from "./statistics";

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A target and the figure of this run. */
export interface Judged {
  readonly target: Target;
  readonly figure?: number;
}

/** A figure of this project and that of something else, of the same run. */
export interface Beside {
  readonly what: string;
  readonly unit: string;
  readonly ours?: number;
  /** What it is compared with. */
  readonly other: string;
  readonly theirs?: number;
}

/** One part of the benchmarks, with all that is written about it. */
export interface Part {
  /** Name of its files. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
  /** How it is run again. */
  readonly command: string;
  readonly date: string;
  readonly machine: string;
  readonly engine: string;
  /** What runs in each container; a stand-in is named as such. */
  readonly images: Readonly<Record<string, string>>;
  readonly judged: readonly Judged[];
  readonly beside?: readonly Beside[];
  readonly tables: readonly Table[];
  readonly plots: readonly Plot[];
  /** What the figures do not say. */
  readonly notes: readonly string[];
  /** All single measurements. */
  readonly data: unknown;
}

/** `npm run bench` says docs/benchmarks; a run for something else leaves that as it is. */
const DIRECTORY = process.env.BENCH_REPORT ?? join(__dirname, "..", ".work");

export function machine(): string {
  return `${cpus().length} processors (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB of memory`;
}

/** Share of the processors that is busy between this call and that of the result: the load generator and other programs included. */
export function cpuBusy(): () => number {
  const [idle, total] = times();
  return () => {
    const [idleNow, totalNow] = times();
    return totalNow === total ? 0 : 1 - (idleNow - idle) / (totalNow - total);
  };
}

function times(): [idle: number, total: number] {
  const all = cpus().map((cpu) => cpu.times);
  return [all.reduce((sum, { idle }) => sum + idle, 0), all.reduce((sum, each) => sum + Object.values(each).reduce((a, b) => a + b, 0), 0)];
}

/** Images of the services of an environment, stand-ins named as such. */
export function imagesOf(wiki: Deployment): Record<string, string> {
  const standIns = Object.values(imagesHere().overrides);
  const services = wiki.summary().containers.filter(({ kind }) => kind === "service");
  return Object.fromEntries(services.map(({ name, image }) => [name.slice(wiki.name.length + 1), standIns.includes(image) ? `stand-in ${image}` : image]));
}

/** Writes the JSON, the page and the plots of a part. */
export async function writePart(part: Part): Promise<void> {
  mkdirSync(DIRECTORY, { recursive: true });
  const json = join(DIRECTORY, `${part.name}.json`);
  writeFileSync(
    json,
    `${JSON.stringify({ ...part, judged: part.judged.map((each) => ({ ...each, verdict: verdict(each.target, each.figure) })) }, null, 2)}\n`,
  );
  runSync(join(__dirname, "..", "..", "node_modules", ".bin", "biome"), ["format", "--write", json]);
  for (const plot of part.plots) writeFileSync(join(DIRECTORY, `${part.name}-${plot.name}.svg`), await draw(plot));
  writeFileSync(join(DIRECTORY, `${part.name}.md`), page(part));
}

/** The page of a part. */
export function page({ name, title, about, command, date, machine: where, engine, images, judged, tables, plots, notes }: Part): string {
  const standIns = Object.entries(images).flatMap(([service, image]) => (image.startsWith("stand-in") ? [service] : []));
  const stood = standIns.length === 0 ? "Official images." : `Stand-in programs: ${standIns.join(", ")}.`;
  const lines = [
    `# ${title}`,
    "",
    `<!-- written by ${command}; do not edit -->`,
    "",
    ...wrapped(about),
    "",
    ...wrapped(`- Measured ${date}, Docker Engine ${engine}, ${where}. Compare figures of one run only; absolute figures belong to this machine.`),
    ...wrapped(`- Repeat it: \`${command}\`. All single measurements: [${name}.json](${name}.json).`),
    ...notes.flatMap((note) => wrapped(`- ${note}`)),
    "- Images; a stand-in is the same program in another packaging or version:",
    ...Object.entries(images).map(([service, image]) => `  - ${service}: ${image}`),
    "",
    "## Targets",
    "",
    ...tableLines(["target", "measured", "verdict"], judged.map(judgedRow)),
    "",
    ...wrapped(stood),
    "",
    ...plots.flatMap((plot) => [`![${plot.title}](${name}-${plot.name}.svg)`, ""]),
    ...tables.flatMap(({ title: heading, head, rows }) => [`## ${heading}`, "", ...tableLines(head, rows), "", ...wrapped(stood), ""]),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

function judgedRow({ target, figure }: Judged): string[] {
  const { what, unit, atLeast, atMost } = target;
  const found = verdict(target, figure);
  const limit = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
  return [`${what}: ${limit} ${unit}`, figure === undefined ? "–" : `${short(figure)} ${unit}`, found === "met" ? found : `**${found}**`];
}

/** Between markers, as every generated table. */
function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return ["<!-- table:begin -->", "", ...lines, "", "<!-- table:end -->"];
}

/** A figure with as many digits as it deserves. */
export function short(figure: number | undefined): string {
  if (figure === undefined || Number.isNaN(figure)) return "–";
  return Math.abs(figure) >= 100
    ? `${Math.round(figure)}`
    : `${Math.round(figure * (Math.abs(figure) >= 10 ? 10 : 100)) / (Math.abs(figure) >= 10 ? 10 : 100)}`;
}

/** A paragraph or an entry of a list in lines of at most 118 columns. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > 118) {
      lines.push(line);
      line = text.startsWith("- ") ? `  ${word}` : word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
