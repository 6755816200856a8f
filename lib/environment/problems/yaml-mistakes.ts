import { type Document, isAlias, isCollection, isMap, isPair, isScalar, type Node, type Pair, visit, type YAMLError, type YAMLMap } from "yaml";
import { type Finding, type Path, pathText } from "./finding";

/** A mistake in the writing; a fatal one leaves nothing to be read. */
export interface Mistake extends Finding {
  readonly fatal: boolean;
}

type LineAt = (offset: number) => number;

/** Blocks within blocks; an environment needs three. */
const DEEPEST = 20;
/** Each level is a block, and its pair. */
const MOST_ANCESTORS = 2 * DEEPEST;
/** Message without a known line. */
export const TOO_DEEP: Mistake = {
  line: undefined,
  text: `the file is nested more than ${DEEPEST} levels deep, where an environment needs three; correct brackets and indentation`,
  fatal: true,
};

/** What is wrong with the writing of a document, whatever its values. */
export function mistakesIn(document: Document, text: string, lineAt: LineAt): Mistake[] {
  const syntax = [...document.errors, ...document.warnings].map((error) => syntaxMistake(error, document, text, lineAt));
  const fatal = syntax.filter((mistake) => mistake.fatal);
  return fatal.length > 0 ? withoutConsequences(fatal) : [...syntax, ...olderVersion(document, text), ...structureMistakes(document, lineAt)];
}

/** The first mistake of each line; a line that belongs nowhere is a mistake only if no other came before. */
function withoutConsequences(mistakes: readonly Mistake[]): Mistake[] {
  const causes = mistakes.filter(({ text }, index) => index === 0 || text !== NOWHERE);
  return [...new Map(causes.toReversed().map((mistake) => [mistake.line, mistake])).values()];
}

function syntaxMistake(error: YAMLError, document: Document, text: string, lineAt: LineAt): Mistake {
  return { line: lineAt(placeOf(error, document, text)), text: inOurWords(error), fatal: error.code !== "TAG_RESOLVE_FAILED" };
}

/** Where a mistake was made, which is not always where the parser notices it. */
function placeOf({ message, pos: [noticed] }: YAMLError, document: Document, text: string): number {
  if (UNCLOSED.test(message)) return openingBefore(noticed, document);
  const [blank = ""] = /^(\s|#.*)*/.exec(text.slice(noticed)) ?? [];
  return noticed + blank.length;
}

const UNCLOSED = /^(Missing closing|Flow .* end with)/;

/** Where the quote or bracket opens that is still open at `offset`. */
function openingBefore(offset: number, document: Document): number {
  let opening = offset;
  visit(document, {
    Node: (_, node, ancestors) => {
      const [start, , end] = node.range ?? [offset, offset, offset];
      const isOpen = start < offset && offset <= end;
      if (isOpen && (isScalar(node) || (isCollection(node) && node.flow))) opening = start;
      return ancestors.length > MOST_ANCESTORS ? visit.SKIP : undefined;
    },
  });
  return opening;
}

const IN_ONE_COLUMN = "begin all keys of a block in the same column";
const NOWHERE = `the line belongs to nothing before it; ${IN_ONE_COLUMN}, and close no bracket twice`;

/** Plain messages for the parser's codes. */
const WORDS: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/^BAD_ALIAS .*$/, "* or & without a name; put a text that begins with it in quotes"],
  [/^BAD_DIRECTIVE .*$/, "a line that begins with % is no part of an environment; leave it out"],
  [/^BAD_DQ_ESCAPE .* (\\.*)$/, "$1 means nothing between double quotes; use single quotes"],
  [/^BAD_INDENT All .*$/, `indented otherwise than what is before it; ${IN_ONE_COLUMN}`],
  [/^BAD_SCALAR_START .* (\S+)$/, "a text cannot begin with an unquoted $1; put it in quotes"],
  [/^BLOCK_AS_IMPLICIT_KEY .*$/, 'a second ": " in one value; put a text that holds one in quotes, or correct the indentation here and in the next line'],
  [/^\w+ Flow .* end with a (.)$/, "a bracket opens here and is not closed; close it with $1"],
  [/^MISSING_CHAR Missing closing .*$/, "a quote opens here and is not closed; close it where the text ends"],
  [/^(MULTILINE_IMPLICIT_KEY|MISSING_CHAR Implicit map keys) .*$/, "a key without its colon and space; write it like key: value"],
  [/^MULTIPLE_DOCS .*$/, 'a second document begins; keep one, without "---" between'],
  [/^NON_STRING_KEY .*$/, "a key must be a plain word; write it like key: value"],
  [/^RESOURCE_EXHAUSTION .*$/, TOO_DEEP.text],
  [/^TAB_AS_INDENT .*$/, "a tab indents the line; use spaces"],
  [/^TAG_RESOLVE_FAILED Unresolved tag: (?:tag:yaml\.org,2002:)?(.*)$/, "the tag $1 cannot be used here; leave it out"],
  [/^UNEXPECTED_TOKEN .* in YAML stream.*$/, NOWHERE],
  [/^UNEXPECTED_TOKEN .* at node end$/, `something follows a value that has ended; put the whole text in quotes, or ${IN_ONE_COLUMN}`],
  [/^\w+ (.*)$/, "no valid YAML ($1); correct the indentation, or put a text with special characters in quotes"],
];

function inOurWords({ code, message }: YAMLError): string {
  const [first = ""] = message.split("\n");
  const problem = `${code} ${first}`;
  const [pattern, words] = WORDS.find(([candidate]) => candidate.test(problem)) ?? [problem, problem];
  return problem.replace(pattern, words);
}

/** A file that asks for YAML 1.1 means other values by the same words. */
function olderVersion({ directives }: Document, text: string): Mistake[] {
  const asked = /^%YAML[ \t]+(?!1\.2)(\S+)/m.exec(text);
  if (!directives?.yaml.explicit || asked === null) return [];
  const meant = "files are read as YAML 1.2, where yes, no, on and off are texts, and 0755 is 755";
  const line = text.slice(0, asked.index).split("\n").length;
  return [{ line, text: `%YAML ${asked[1]} is not read: ${meant}; remove the line`, fatal: false }];
}

/** A number with a zero in front is another number for programs that read YAML 1.1. */
function leadingZero(node: unknown): string | undefined {
  if (!isScalar(node) || typeof node.value !== "number" || !/^[-+]?0\d/.test(node.source ?? "")) return undefined;
  return `${node.source} is ${node.value} here, and an octal number elsewhere; write ${node.value}, or 0o… for an octal number`;
}

/** Mistakes that the parser accepts: aliases without a value, too many levels, duplicate keys. */
function structureMistakes(document: Document, lineAt: LineAt): Mistake[] {
  const mistakes: Mistake[] = [];
  const anchors = new Map<string, Node>();
  visit(document, {
    Node: (_, node, ancestors) => {
      const line = lineAt(node.range?.[0] ?? 0);
      if (ancestors.length > MOST_ANCESTORS) {
        mistakes.push({ ...TOO_DEEP, line });
        return visit.BREAK;
      }
      const alias = isAlias(node) ? aliasProblem(node.source, anchors.get(node.source), ancestors) : undefined;
      if (alias !== undefined) mistakes.push({ line, text: alias, fatal: true });
      const zero = leadingZero(node);
      if (zero !== undefined) mistakes.push({ line, text: zero, fatal: false, minor: true });
      if (!isAlias(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
      if (isMap(node)) mistakes.push(...repeatedKeys(node, pathOf(ancestors), lineAt));
      return undefined;
    },
  });
  return mistakes;
}

function aliasProblem(name: string, meant: Node | undefined, ancestors: readonly unknown[]): string | undefined {
  if (meant === undefined) return `*${name} has no value, because no &${name} comes before it; write the value out, or in quotes if it begins with *`;
  return ancestors.includes(meant) ? `*${name} refers to a block that contains it; write the value out` : undefined;
}

function repeatedKeys(map: YAMLMap, path: Path, lineAt: LineAt): Mistake[] {
  const first = new Map<string, number>();
  return map.items.flatMap(({ key, value }) => {
    const name = keyText(key);
    const line = lineAt((key as Node).range?.[0] ?? 0);
    const before = first.get(name);
    if (before === undefined) first.set(name, line);
    // of two blocks, what one seems to lack may be in the other
    const fatal = !isScalar(value);
    return before === undefined ? [] : [{ line, text: `${pathText([...path, name])} is already in line ${before}; keep one of them`, fatal }];
  });
}

function pathOf(ancestors: readonly unknown[]): Path {
  return ancestors.filter((ancestor): ancestor is Pair => isPair(ancestor)).map(({ key }) => keyText(key));
}

/** A key as it is compared; keys are texts here. */
export function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : "";
}
