import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { runSync } from "../support/bounded";
import { type Outcome, type Seen, TARGETS } from "./fault";

/** `npm run test:faults` says docs/benchmarks; a run for something else leaves that as it is. */
const DIRECTORY = process.env.FAULTS_REPORT ?? join(__dirname, "..", ".work");
const [JSON_FILE, PAGE] = [join(DIRECTORY, "faults.json"), join(DIRECTORY, "faults.md")];

/** A fault that this run did not cause, why, and what is known all the same. */
export interface NotRun {
  readonly what: string;
  readonly why: string;
}

export interface Report {
  readonly machine: string;
  readonly engine: string;
  /** What runs in each container: the program's image, a stand-in named as such. */
  readonly images: Readonly<Record<string, string>>;
  readonly notRun: readonly NotRun[];
  readonly outcomes: readonly Outcome[];
}

export function machine(): string {
  return `${cpus().length} processors, ${Math.round(totalmem() / 2 ** 30)} GiB of memory, shared with other work`;
}

/** Writes the report; what an earlier run has of other faults stays, with its date. */
export function writeReport(report: Report): void {
  const earlier: Report | undefined = existsSync(JSON_FILE) ? JSON.parse(readFileSync(JSON_FILE, "utf8")) : undefined;
  const key = ({ part, what }: Outcome) => `${part}: ${what}`;
  const now = new Map(report.outcomes.map((outcome) => [key(outcome), outcome]));
  const kept = (earlier?.outcomes ?? []).map((outcome) => now.get(key(outcome)) ?? outcome);
  const known = new Set(kept.map(key));
  const merged = { ...report, outcomes: [...kept, ...report.outcomes.filter((outcome) => !known.has(key(outcome)))] };
  mkdirSync(dirname(JSON_FILE), { recursive: true });
  writeFileSync(JSON_FILE, `${JSON.stringify(merged, null, 2)}\n`);
  writeFileSync(PAGE, markdown(merged));
  const biome = join(__dirname, "..", "..", "node_modules", ".bin", "biome");
  runSync(biome, ["format", "--write", JSON_FILE]);
}

/** The matrix as a page. */
export function markdown({ machine: where, engine, images, notRun, outcomes }: Report): string {
  const met = outcomes.filter(({ missed }) => missed.length === 0).length;
  const dates = [...new Set(outcomes.map(({ date }) => date))].sort();
  const standIns = Object.values(images).filter((image) => image.startsWith("stand-in"));
  const lines = [
    "# Faults",
    "",
    "<!-- written by npm run test:faults; do not edit -->",
    "",
    ...wrapped(
      `A running environment with monitoring and backups, in which one thing after another breaks, while a reader, an editor and an administrator each make one request a second through the reverse proxy and the portal. ${met} of ${outcomes.length} faults meet every target: whole again within ${TARGETS.wholeSeconds} s without manual action (for a part that an operator stopped: after its start), no acknowledged save lost, no request longer than ${TARGETS.longestSeconds} s, no other container ended.`,
    ),
    "",
    ...wrapped(`- Measured ${dates.join(", ")}, Docker Engine ${engine}, ${where}. Times are upper limits on such a machine.`),
    ...wrapped(
      standIns.length === 0
        ? "- All images are the official ones."
        : "- Images: stand-ins are the same programs in another packaging or version, except Grafana, which is a placeholder.",
    ),
    ...Object.entries(images).map(([name, image]) => `  - ${name}: ${image}`),
    ...wrapped("- Repeat it: `npm run test:faults`, or one fault with a part of its name: `npm run test:faults -- bookstack-db`."),
    "",
    "| part | fault | whole after | longest request | saves: lost of acknowledged | targets |",
    "| --- | --- | --- | --- | --- | --- |",
    ...outcomes.map(row),
    "",
    "## What each saw",
    "",
    ...outcomes.flatMap(details),
    "## Not caused here",
    "",
    ...notRun.flatMap(({ what, why }) => wrapped(`- **${what}**: ${why}`)),
    "",
  ];
  return lines.join("\n");
}

function row({ part, what, wholeSeconds, byHand, longestSeconds, lost, acknowledged, missed }: Outcome): string {
  const whole = wholeSeconds === undefined ? "not within 180 s" : `${wholeSeconds} s${byHand ? ", by hand" : ""}`;
  return `| ${inShort(part)} | ${what} | ${whole} | ${longestSeconds} s | ${lost} of ${acknowledged} | ${missed.length === 0 ? "met" : "**missed**"} |`;
}

/** Several containers are counted: their names do not fit into a table. */
function inShort(part: string): string {
  const count = part.split(", ").length;
  return count > 2 ? `${count} containers` : part;
}

function details({ part, what, note, seen, alerts, missed, date }: Outcome): string[] {
  return [
    `### ${inShort(part)}: ${what}`,
    "",
    ...(inShort(part) === part ? [] : wrapped(`- containers: ${part}`)),
    ...(note === undefined ? [] : wrapped(`- ${note}`)),
    ...Object.entries(seen).flatMap(([who, observation]) => wrapped(`- ${who}: ${inWords(observation)}`)),
    ...wrapped(`- new alerts: ${alerts.length === 0 ? "none" : alerts.join(", ")}`),
    ...missed.flatMap((target) => wrapped(`- **target missed**: ${target}`)),
    `- measured: ${date}`,
    "",
  ];
}

function inWords({ failures, requests, longestSeconds, signIns }: Seen): string {
  const kinds = Object.entries(failures).map(([what, count]) => `${count} × ${what}`);
  const failed = kinds.length === 0 ? "nothing" : kinds.join(", ");
  return `${failed} (of ${requests} requests), longest ${longestSeconds} s${signIns > 0 ? `, signed in again ${signIns} ×` : ""}`;
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
