import { styleText } from "node:util";

/** Rows of one width for each column, two spaces apart, with a line of headings. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) => `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd();
  return [emphasized("dim", line(headings)), ...rows.map(line)].join("\n");
}

/** Pairs of a name and its text, one per line. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`).join("\n");
}

/** At most `width` visible characters of a line; escape codes of styles do not count. */
export function cut(line: string, width: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what an escape code begins with
  const bare = line.replace(/\u001b\[\d+m/g, "");
  if (bare.length <= width) return line;
  const end = bare.slice(width - 1);
  return line.replace(end, "…");
}

/** A long line broken between words into at most `most` lines, the further ones indented by four more; what does not fit is cut. */
export function wrap(line: string, width: number, most: number): string[] {
  const [indent = ""] = /^ */.exec(line) ?? [];
  return broken(line, `${indent}    `, width, most);
}

function broken(line: string, indent: string, width: number, most: number): string[] {
  const at = most > 1 && line.length > width ? line.lastIndexOf(" ", width) : -1;
  if (at <= indent.length) return [cut(line, width)];
  return [line.slice(0, at), ...broken(`${indent}${line.slice(at + 1)}`, indent, width, most - 1)];
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
