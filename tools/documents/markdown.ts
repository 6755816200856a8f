/** A table as Markdown writes it, without padding, so that its lines stay short. */
export function markdownTable(headings: readonly string[], body: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [row(headings), row(headings.map(() => "---")), ...body.map(row)].join("\n");
}
