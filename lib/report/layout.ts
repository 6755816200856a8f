import { styleText } from "node:util";

/** Rows of one width for each column, two spaces apart, with a line of headings. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd();
  return [emphasized("dim", line(headings)), ...rows.map(line)].join("\n");
}

/** A heading above a part of a report. */
export function heading(text: string): string {
  return `\n${emphasized("bold", text)}`;
}

/** `text` with a style, where a person looks at a terminal. */
export function emphasized(style: "bold" | "dim" | "red" | "green" | "yellow", text: string): string {
  const wanted = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  return wanted ? styleText(style, text) : text;
}
