/** What an editor knows of a value, as far as the table shows it. */
interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly not?: { readonly enum?: readonly unknown[] };
  readonly examples?: readonly unknown[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/** `Memory of the wiki; 512M unless given (256M or more)`: what it is, what is taken otherwise, what it may be. */
const DESCRIPTION = /^(?<what>.*?)(?:; [^;]* unless given)?(?: \((?<range>[^()]*)\))?$/;

/** The table of every key that an environment may have, one row each, in the order of the schema. */
export function configurationTable(schema: object): string {
  return markdownTable(["Key", "Default", "May be", "What it is"], rows(schema as JsonSchema, ""));
}

/** A table as Markdown writes it, with columns that line up. */
export function markdownTable(headings: readonly string[], body: readonly (readonly string[])[]): string {
  const lines = [headings, ...body].map((cells) => cells.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = headings.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const [first = "", ...others] = lines.map((cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  return [first, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...others].join("\n");
}

/** Rows of the keys of `block`; `required` is what the table says of those that it cannot be without. */
function rows(block: JsonSchema, before: string, required = "required"): string[][] {
  return Object.entries(block.properties ?? {})
    .filter(([key]) => !key.startsWith("$"))
    .flatMap(([key, value]) => {
      const path = `${before}${key}`;
      if (value.properties) return rows(value, `${path}.`, value.default === undefined && !isRequired(block, key) ? `required in ${code(key)}` : required);
      const inItems = value.items?.properties ? rows(value.items, `${path}[].`) : [];
      return [[code(path), usual(value, isRequired(block, key) ? required : "none"), range(value), what(value)], ...inItems];
    });
}

function isRequired({ required = [] }: JsonSchema, key: string): boolean {
  return required.includes(key);
}

function usual({ default: value }: JsonSchema, otherwise: string): string {
  return value === undefined ? otherwise : code(value);
}

function range({ type, const: only, enum: options, minimum, maximum, not, items, examples = items?.examples ?? [], description = "" }: JsonSchema): string {
  if (only !== undefined) return code(only);
  if (options) return options.map((option) => code(JSON.stringify(option))).join(" or ");
  if (type === "boolean") return "`true` or `false`";
  if (minimum !== undefined) return `${minimum} to ${maximum}${not?.enum ? `, not ${not.enum.join(" or ")}` : ""}`;
  return DESCRIPTION.exec(description)?.groups?.range ?? `such as ${code(examples[0])}`;
}

function what({ description = "", minimum, maximum }: JsonSchema): string {
  const sentence = DESCRIPTION.exec(description)?.groups?.what ?? description;
  return sentence.replace(`, ${minimum} to ${maximum}`, "");
}

function code(value: unknown): string {
  return `\`${value}\``;
}
