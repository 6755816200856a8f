import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Judged, Part } from "../../e2e/bench/report";
import { ROOT } from "../../lib/operations/workspace";
import { wrapped } from "./configuration";

const DIRECTORY = join(ROOT, "docs", "benchmarks");

/** What is read of the report of a benchmark. */
export type Report = Pick<Part, "name" | "title" | "date" | "images" | "beside"> & { readonly judged: readonly (Judged & { readonly verdict: string })[] };

/** The reports that are there. The matrix of faults has targets of its own. */
export function reports(): Report[] {
  const files = existsSync(DIRECTORY) ? readdirSync(DIRECTORY).filter((file) => file.endsWith(".json")).sort() : []; // biome-ignore format: one thought
  return files.map((file) => JSON.parse(readFileSync(join(DIRECTORY, file), "utf8"))).filter((report) => Array.isArray(report.judged));
}

const NOT_MEASURED = "Not measured: `npm run bench`, and the other commands of that name, write it.";

/** A row for each target, with the verdict of the report. */
export function targetsTable(all: readonly Report[], pages: string): string {
  const rows = all.flatMap((report) =>
    report.judged.map(({ target: { what, unit, atLeast, atMost }, figure: value, verdict }) => {
      const limit = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
      return [
        `[${report.name}]`,
        cell(what),
        `${limit} ${unit}`,
        value === undefined ? "–" : `${figure(value)} ${unit}`,
        verdict === "met" ? verdict : `**${verdict}**`,
      ];
    }),
  );
  return rows.length === 0 ? NOT_MEASURED : table(["report", "what", "target", "measured", "verdict"], rows, all, pages);
}

/** A row for each figure that was measured beside something else, in the same run. */
export function besideTable(all: readonly Report[], pages: string): string {
  const rows = all.flatMap((report) =>
    (report.beside ?? []).flatMap(({ what, unit, ours, other, theirs }) =>
      ours === undefined || theirs === undefined
        ? []
        : [[`[${report.name}]`, `${cell(what)}, ${unit}`, figure(ours), cell(other), figure(theirs), `${figure(ours / theirs)} ×`]],
    ),
  );
  return rows.length === 0 ? NOT_MEASURED : table(["report", "what", "this project", "beside it", "measured", "ratio"], rows, all, pages);
}

function table(head: readonly string[], rows: readonly (readonly string[])[], all: readonly Report[], pages: string): string {
  const standIns = all.some(({ images }) => Object.values(images).some((image) => image.startsWith("stand-in")));
  const dates = [...new Set(all.map(({ date }) => date))].join(", ");
  const note = `Measured ${dates} on one machine; each report names it, and its ${standIns ? "stand-in images: the same programs in another packaging or version" : "images"}.`;
  const links = all.filter(({ name }) => rows.some(([cell]) => cell === `[${name}]`)).map(({ name }) => `[${name}]: ${pages}/${name}.md`);
  return [...[head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`), "", ...wrapped(note, ""), "", ...links].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function figure(value: number): string {
  return Math.abs(value) >= 100 ? `${Math.round(value)}` : `${Number(value.toPrecision(3))}`;
}
