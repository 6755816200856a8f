import { closest, distance } from "fastest-levenshtein";
import { z } from "zod";
import type { Problem } from "../../constructs/core/errors";
import { compareText } from "../../constructs/core/render";

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** Letters that may differ in a key that was meant. */
const MEANT_WITHIN = 3;
/** Characters of a value that are shown. */
const SHOWN = 60;

/** Each issue as one sentence: where, what was found, what to do. In the order of the file. */
export function explain(issues: readonly Issue[], schema: z.ZodType, lineOf: (path: Path) => number | undefined): Problem[] {
  return issues
    .flatMap((issue) => split(issue))
    .map((issue) => ({ line: lineOf(issue.path) ?? 0, text: sentence(issue, schema) }))
    .sort((a, b) => a.line - b.line || compareText(a.text, b.text))
    .map(({ line, text }) => (line > 0 ? `line ${line}: ${text}` : text));
}

/** One issue for each unknown key. */
function split(issue: Issue): Issue[] {
  if (issue.code !== "unrecognized_keys") return [issue];
  return issue.keys.map((key) => ({ ...issue, keys: [key], path: [...issue.path, key] }));
}

function sentence(issue: Issue, schema: z.ZodType): string {
  const path = issue.path.map(String).join(".") || "the file";
  switch (issue.code) {
    case "unrecognized_keys":
      return unknownKey(path, issue.path, schema);
    case "invalid_type":
      return issue.input === undefined
        ? `${path} is missing; ${remedy(issue.path, schema)}`
        : `${path} must be ${article(issue.expected)}, got ${shown(issue.input)}`;
    case "invalid_value":
      return `${path} must be ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}, got ${shown(issue.input)}`;
    case "too_small":
      return `${path} must be ${issue.minimum} or more${issue.origin === "string" ? " characters long" : ""}, got ${shown(issue.input)}`;
    case "too_big":
      return `${path} must be ${issue.maximum} or less${issue.origin === "string" ? " characters long" : ""}, got ${shown(issue.input)}`;
    default:
      return `${path}: ${issue.message}`;
  }
}

function unknownKey(path: string, keys: Path, schema: z.ZodType): string {
  const known = keysAt(keys.slice(0, -1), schema);
  const given = String(keys.at(-1));
  const nearest = known.length > 0 ? closest(given, known) : "";
  const meant = nearest !== "" && distance(given.toLowerCase(), nearest.toLowerCase()) <= MEANT_WITHIN;
  return `${path} is not known; ${meant ? `did you mean "${nearest}"?` : `known here: ${known.join(", ")}`}`;
}

function remedy(path: Path, schema: z.ZodType): string {
  const found = schemaAt(path, schema);
  const meta = found?.meta();
  const [example] = (meta?.examples ?? []) as readonly string[];
  return `${meta?.description ?? "give it a value"}${example === undefined ? "" : `, such as ${example}`}`;
}

function keysAt(path: Path, schema: z.ZodType): string[] {
  const found = schemaAt(path, schema);
  const inner = found && unwrap(found);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape).filter((key) => !key.startsWith("$")) : [];
}

function schemaAt(path: Path, schema: z.ZodType): z.ZodType | undefined {
  let current: z.ZodType | undefined = schema;
  for (const key of path) {
    const object: unknown = current && unwrap(current);
    current = object instanceof z.ZodObject ? (object.shape as Record<string, z.ZodType>)[String(key)] : undefined;
  }
  return current;
}

/** The schema within defaults and options. */
function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) return unwrap(schema.unwrap() as z.ZodType);
  return schema;
}

function article(type: string): string {
  const words: Record<string, string> = { string: "a text", int: "a whole number", number: "a number", boolean: "true or false", object: "a block of keys" };
  return words[type] ?? `a ${type}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}
