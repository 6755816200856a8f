import type { BlockSchema } from "../../clients/terraform/provider-schemas";
import { partsOf, quotedCharacters } from "./template";

/** A value of Terraform's JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Keys that are not written as an attribute: key → the lines in its place; empty for none. */
export type SpecialKeys = Readonly<Record<string, (value: Json) => string>>;

export const listOf = (value: Json): readonly Json[] => (Array.isArray(value) ? value : [value]);

/** References without quotes, as `depends_on` and `ignore_changes` take them. */
export function references(value: Json): string {
  const names = listOf(value).map((one) => String(one).replace(/^\$\{(.*)\}$/s, "$1"));
  return list(names);
}

/** Longest list on one line, in characters. */
const LINE = 100;

function list(items: readonly string[]): string {
  const line = `[${items.join(", ")}]`;
  return line.length <= LINE && !line.includes("\n") ? line : `[\n${items.join(",\n")},\n]`;
}

/** Keys before all others (negative) or after them, as people write them. */
const PLACES: Readonly<Record<string, number>> = { for_each: -2, name: -1, connection: 1, provisioner: 2, lifecycle: 3, depends_on: 4 };

const inOrder = (data: JsonObject) => Object.entries(data).sort(([first], [other]) => (PLACES[first] ?? 0) - (PLACES[other] ?? 0));

/** Writes values and bodies of blocks; `terraform fmt` indents them. */
export class HclWriter {
  /** @param computed text → name of the local value that computes it, wherever it occurs. */
  constructor(private readonly computed: ReadonlyMap<string, string> = new Map()) {}

  public value(value: Json): string {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return list(value.map((one) => this.value(one)));
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const entries = Object.entries(value).filter(([key]) => key !== "//");
    return entries.length === 0 ? "{}" : `{\n${entries.map(([key, one]) => `${mapKey(key)} = ${this.value(one)}`).join("\n")}\n}`;
  }

  /** Lines between the braces of a block. */
  public body(data: JsonObject, schema: BlockSchema = {}, special: SpecialKeys = {}): string {
    const lines = inOrder(data).flatMap(([key, value]) => {
      if (key === "//" || value === null) return [];
      const own = special[key];
      if (own) return [own(value)];
      const nested = schema.block_types?.[key];
      if (nested) return listOf(value).map((one) => this.block(key, one as JsonObject, nested.block));
      return [`${key} = ${this.value(value)}`];
    });
    return lines.filter((line) => line !== "").join("\n");
  }

  public block(head: string, data: JsonObject, schema?: BlockSchema, special?: SpecialKeys): string {
    return `${head} {\n${this.body(data, schema, special)}\n}`;
  }

  private text(text: string): string {
    const [first, ...rest] = partsOf(text);
    if (first !== undefined && rest.length === 0 && "code" in first && first.code.startsWith("${")) {
      return this.withComputed(first.code.slice(2, -1).trim()).replace(/"\$\{(local\.\w+)\}"/g, "$1");
    }
    const inner = partsOf(text)
      .map((part) => ("code" in part ? part.code : this.withComputed(quotedCharacters(part.literal))))
      .join("");
    return /^\$\{(local\.\w+)\}$/.exec(inner)?.[1] ?? `"${inner}"`;
  }

  private withComputed(text: string): string {
    return [...this.computed].reduce((changed, [found, local]) => changed.replaceAll(found, `\${local.${local}}`), text);
  }
}

function mapKey(key: string): string {
  return /^[A-Za-z_][\w-]*$/.test(key) ? key : `"${quotedCharacters(key)}"`;
}
