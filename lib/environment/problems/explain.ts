import { z } from "zod";
import { type Finding, type Path, pathText, quoted } from "./finding";
import { placeOf } from "./misplaced-secrets";
import { refusalAt } from "./refused-keys";
import { exampleOf, isOptional, keyPaths, keysAt, schemaAt, unwrap } from "./schema-walk";
import { isSame, similar } from "./similar";
import type { YamlText } from "./yaml-text";

type Issue = z.core.$ZodIssue;

/** What is wrong with the values of `file`, each as one sentence: where, what was found, what to do; `said` are paths that already have a message. */
export function explain(issues: readonly Issue[], schema: z.ZodType, file: YamlText, reported: readonly { readonly path: Path }[] = []): Finding[] {
  const places = new Set(reported.map(({ path }) => pathText(path)));
  return issues
    .flatMap((issue) => (isMissing(issue) ? requiredAt(issue, schema) : split(issue)))
    .filter(({ path }) => !places.has(pathText(path)))
    .map((issue) => ({ line: file.lineOf(issue.path), text: `${pathText(issue.path)}${sentence(issue, schema, file)}` }));
}

/** One issue for each unknown key. */
function split(issue: Issue): Issue[] {
  return issue.code === "unrecognized_keys" ? issue.keys.map((key) => ({ ...issue, keys: [key], path: [...issue.path, key] })) : [issue];
}

/** One issue for each value that a missing block has to hold. */
function requiredAt(issue: Issue, schema: z.ZodType): Issue[] {
  const required = keysAt(issue.path, schema)
    .map((key) => [...issue.path, key])
    .filter((path) => !isOptional(schemaAt(path, schema)));
  return required.length === 0 ? [issue] : required.flatMap((path) => requiredAt({ ...issue, path }, schema));
}

function isMissing({ code, input }: Issue): boolean {
  return code === "invalid_type" && input === undefined;
}

function sentence(issue: Issue, schema: z.ZodType, file: YamlText): string {
  if (issue.code === "custom") return `: ${issue.message}`;
  if (issue.code === "unrecognized_keys") return unknown(issue.path, schema);
  const wanted = schemaAt(issue.path, schema);
  if (issue.code === "too_big" && Array.isArray(issue.input)) return ` must have at most ${issue.maximum} entries, got ${issue.input.length}`;
  if (issue.code === "too_small" && Array.isArray(issue.input)) return ` must have at least ${issue.minimum} entries, got ${issue.input.length}`;
  if (isMissing(issue)) return ` is missing; add it, such as ${exampleOf(wanted)} (${unwrap(wanted).description})`;
  const written = file.writtenAt(issue.path);
  return ` must be ${kind(wanted)}, got ${shown(issue.input, written)}${remedy(issue, wanted, written)}`;
}

function unknown(path: Path, schema: z.ZodType): string {
  const refusal = refusalAt(path, schema);
  return refusal === undefined ? ` is not known; ${placeOf(path) ?? knownInstead(path, schema)}` : `: ${refusal}`;
}

function knownInstead(path: Path, schema: z.ZodType): string {
  const given = String(path.at(-1));
  if (given === "<<") return "write the keys out that it merges";
  const block = path.slice(0, -1);
  const siblings = keysAt(block, schema);
  const isElsewhere = (candidate: Path) => pathText(candidate.slice(0, -1)) !== pathText(block);
  const joined = keyPaths(schema).find((candidate) => candidate.length > 1 && isSame(candidate.join("."), given) && isElsewhere(candidate));
  if (joined !== undefined) return `write ${String(joined.at(-1))} within the block ${pathText(joined.slice(0, -1))}`;
  const moved = keyPaths(schema).filter((candidate) => isSame(String(candidate.at(-1)), given) && isElsewhere(candidate));
  const near = similar(given, siblings);
  if (near !== undefined && (isSame(near, given) || moved.length === 0)) return didYouMean([[...block, near]]);
  if (moved.length > 0) return didYouMean(moved);
  return `known here: ${siblings.join(", ")}`;
}

function didYouMean(paths: readonly Path[]): string {
  return `did you mean ${paths.map((path) => pathText(path)).join(" or ")}?`;
}

/** What a value has to be, for a sentence. */
function kind(schema: z.ZodType): string {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return "a block of keys";
  if (inner instanceof z.ZodUnion) return inner.options.map((option) => kind(option as z.ZodType)).join(" or ");
  if (inner instanceof z.ZodBoolean) return "true or false";
  if (inner instanceof z.ZodNumber) return `a ${inner.format === "safeint" ? "whole " : ""}number from ${inner.minValue} to ${inner.maxValue}`;
  if (inner instanceof z.ZodEnum) return inner.options.map((option) => JSON.stringify(option)).join(" or ");
  if (inner instanceof z.ZodLiteral) return [...inner.values].map((value) => JSON.stringify(value)).join(" or ");
  const example = exampleOf(schema);
  if (inner instanceof z.ZodRecord) return `a block of keys such as ${example}`;
  if (inner instanceof z.ZodArray) return example === undefined ? "a list" : `a list such as ${example}`;
  return example === undefined ? "a text" : `a text such as ${example}`;
}

function shown(value: unknown, written: string | undefined): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a block of keys";
  return typeof value === "string" ? quoted(value) : (written ?? String(value));
}

function remedy({ input, path }: Issue, schema: z.ZodType, written: string | undefined): string {
  if (path.length === 0) return "; begin it with a line such as domain: wiki.example.com";
  if (input === null) return isOptional(schema) ? "; give it a value, or leave the key out" : "; give it a value";
  if (typeof input === "string") {
    const word = WORDS_OF_YAML_1_1[input.toLowerCase()];
    if (word !== undefined && accepts(schema, word)) return `; write ${word}`;
    return withoutQuotes(input).some((value) => accepts(schema, value)) ? "; write it without quotes" : "";
  }
  return written !== undefined && accepts(schema, written) ? `; write it in quotes: "${written}"` : "";
}

/** Words that other programs take for truth values. */
const WORDS_OF_YAML_1_1: Readonly<Record<string, boolean>> = { yes: true, on: true, y: true, no: false, off: false, n: false };

/** The value of a text without quotes. */
function withoutQuotes(text: string): unknown[] {
  return [Number(text), text === "true"].filter((value) => String(value) === text);
}

function accepts(schema: z.ZodType, value: unknown): boolean {
  return schema.safeParse(value).success;
}
