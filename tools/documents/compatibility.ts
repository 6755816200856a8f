import { major, type Row, rows } from "../../e2e/support/compatibility";
import { DOCKER_PROVIDERS } from "../../lib/stack/docker-provider";
import { markdownTable } from "./markdown";

interface DimensionOfRows {
  /** Of a row, what the table compares, as its rows are told apart. */
  subject(row: Row): string;
  readonly columns: Readonly<Record<string, (row: Row) => string>>;
  /** Subjects that have a line in the table, whether they ran or not. */
  readonly expected: readonly string[];
}

const withEngine = (row: Row) => `Docker ${row.engine.version}`;
const nameOf = (text: string) => text.split(" ")[0] ?? text;

/** The tables of the page, by the name of their markers. */
export const DIMENSIONS = {
  engines: {
    subject: ({ engine }) => `Docker ${major(engine.version)}`,
    columns: {
      engine: ({ engine }) => engine.version,
      storage: ({ engine }) => engine.storage,
      cgroup: ({ engine }) => engine.cgroup,
      firewall: ({ engine }) => engine.firewall,
      with: ({ tool }) => tool,
    },
    expected: ["Docker 20.10", "Docker 28", "Docker 29"],
  },
  tools: {
    subject: ({ tool }) => nameOf(tool),
    columns: { tool: ({ tool }) => tool, with: (row) => `${withEngine(row)}, provider ${row.provider}, ${row.framework}` },
    expected: ["Terraform", "OpenTofu"],
  },
  frameworks: {
    subject: ({ framework }) => nameOf(framework),
    columns: { framework: ({ framework }) => framework, with: (row) => `${withEngine(row)}, ${row.tool}, provider ${row.provider}` },
    expected: ["cdktf", "cdktn"],
  },
  providers: {
    subject: ({ provider }) => provider,
    columns: { provider: ({ provider }) => provider, with: (row) => `${withEngine(row)}, ${row.tool}, ${row.framework}` },
    expected: Object.values(DOCKER_PROVIDERS),
  },
} as const satisfies Record<string, DimensionOfRows>;

export type Dimension = keyof typeof DIMENSIONS;

/** A line for each recorded run, and one for each subject that never ran. */
export function compatibilityTable(dimension: Dimension, all: readonly Row[] = rows()): string {
  const { subject, columns, expected }: DimensionOfRows = DIMENSIONS[dimension];
  const shown = all.filter((row) => isPlain(row, dimension)).map((row) => [...Object.values(columns).map((cell) => cell(row)), row.date, result(row)]);
  const absent = expected.filter((name) => !all.some((row) => subject(row) === name));
  const empty = Object.keys(columns).slice(1);
  const lines = [...shown, ...absent.map((name) => [name, ...empty.map(() => "–"), "–", "skipped: not recorded yet"])];
  return markdownTable([...Object.keys(columns), "date", "result"], lines);
}

/** Whether only what the table compares differs from the default: a row of another tool is not one about engines. */
function isPlain(row: Row, dimension: Dimension): boolean {
  const usual: Record<Dimension, (row: Row) => boolean> = {
    engines: () => true,
    tools: ({ tool }) => nameOf(tool) === "Terraform",
    frameworks: ({ framework }) => nameOf(framework) === "cdktf",
    providers: ({ provider }) => provider === DOCKER_PROVIDERS[3],
  };
  const others = (Object.keys(usual) as Dimension[]).filter((name) => name !== dimension && name !== "engines");
  return others.every((name) => usual[name](row));
}

/** `passed`, or the steps that did not. */
export function result({ steps }: Row): string {
  const entries = Object.entries(steps);
  const failed = entries.filter(([, end]) => end === "failed").map(([name]) => name);
  const skipped = entries.filter(([, end]) => end.startsWith("skipped")).map(([name]) => name);
  if (failed.length > 0) return `**failed: ${failed.join(", ")}**`;
  const passed = entries.filter(([, end]) => end === "passed").length;
  if (passed === 0) return "skipped: no step ran";
  return `passed (${passed} of ${entries.length})${skipped.length > 0 ? `, without ${skipped.join(", ")}` : ""}`;
}
