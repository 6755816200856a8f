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
  readonly anyOf?: readonly JsonSchema[];
  /** Of a block whose keys are not known. */
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/** `Memory of the wiki; 512M unless given (256M or more)`: what it is, what is taken otherwise, what it may be. */
const DESCRIPTION = /^(?<what>.*?)(?:; [^;]* unless given)?(?: \((?<range>[^()]*)\))?$/;

/** Columns of a line. */
const WIDTH = 120;

/** Every key that an environment may have, in the order of the schema: a heading for each block, an entry for each key. */
export function configurationReference(schema: object): string {
  const { properties = {}, required = [] } = schema as JsonSchema;
  const keys = Object.entries(properties).filter(([key]) => !key.startsWith("$"));
  const plain = keys.filter(([, value]) => value.properties === undefined && value.items?.properties === undefined);
  const blocks = keys.filter((entry) => !plain.includes(entry));
  const general = ["## General", "", ...rows({ properties: Object.fromEntries(plain), required }, "").map(entry)];
  return [
    ...general,
    ...blocks.flatMap(([key, value]) => ["", `## \`${key}\``, "", ...wrapped(`${what(value)}.`, ""), "", ...blockRows(key, value, required)]),
  ].join("\n");
}

function blockRows(key: string, value: JsonSchema, required: readonly string[]): string[] {
  return rows({ properties: { [key]: value }, required }, "")
    .filter(([path]) => path !== code(key))
    .map(entry);
}

/** One key: name, default and range on the first line, what it is below. */
function entry([path = "", usually = "", may = "", sentence = ""]: readonly string[]): string {
  const default_ = usually === "none" ? "optional" : usually.startsWith("required") ? usually : `default ${usually}`;
  return [...wrapped(`- **${path}**: ${default_}; ${may}`, "  "), ...wrapped(`  ${sentence}.`, "  ")].join("\n");
}

/** Lines of at most 120 columns, the further ones indented. */
export function wrapped(text: string, indent: string): string[] {
  if (text.length <= WIDTH) return [text];
  const at = text.lastIndexOf(" ", WIDTH);
  // a value without a blank is not broken
  if (at <= indent.length) return [text];
  return [text.slice(0, at), ...wrapped(`${indent}${text.slice(at + 1)}`, indent)];
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

/** A default of ours, or that of the program which the value is for. */
function usual({ default: value, description = "" }: JsonSchema, otherwise: string): string {
  const usual = /; ([^;]*) unless given/.exec(description)?.[1] ?? otherwise;
  if (value !== undefined) return code(value);
  return usual === otherwise || usual === "none" ? otherwise : code(usual);
}

function range(schema: JsonSchema): string {
  const { type, const: only, enum: options, minimum, maximum, not, items, examples = items?.examples ?? [], description = "", anyOf } = schema;
  if (anyOf) return anyOf.map(range).join(" or ");
  if (only !== undefined) return code(only);
  if (options) return options.map((option) => code(JSON.stringify(option))).join(" or ");
  if (type === "boolean") return "`true` or `false`";
  if (minimum !== undefined) return `${minimum} to ${maximum}${not?.enum ? `, not ${not.enum.join(" or ")}` : ""}`;
  if (items?.properties) return "a list";
  const { propertyNames, additionalProperties } = schema;
  if (propertyNames && typeof additionalProperties === "object") {
    return `such as ${code(`${propertyNames.examples?.[0]}: ${additionalProperties.examples?.[0]}`)}`;
  }
  return DESCRIPTION.exec(description)?.groups?.range ?? `such as ${code(examples[0])}`;
}

function what({ description = "", minimum, maximum }: JsonSchema): string {
  const sentence = DESCRIPTION.exec(description)?.groups?.what ?? description;
  return sentence.replace(`, ${minimum} to ${maximum}`, "");
}

function code(value: unknown): string {
  return `\`${value}\``;
}
