import type { Problem } from "../../../constructs/core/errors";
import { compareText } from "../../../constructs/core/render";
import { excerpt } from "../../../constructs/core/secret-kinds";

/** Path of a value in a file: its keys. */
export type Path = readonly PropertyKey[];

/** One thing to change in a file. */
export interface Finding {
  /** Its line; none for a missing key at the top level. */
  readonly line: number | undefined;
  readonly text: string;
  /** Whether it goes without saying when something else is wrong with the same line. @default false */
  readonly minor?: boolean;
}

/** The findings as they are printed: each once, on one line, in the order of the file. */
export function inOrder(findings: readonly Finding[]): Problem[] {
  const isSaid = (finding: Finding) => findings.some((other) => other !== finding && other.line === finding.line);
  const lines = findings
    .filter((finding) => !finding.minor || !isSaid(finding))
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || compareText(a.text, b.text))
    .map(({ line, text }) => oneLine(line === undefined ? text : `line ${line}: ${text}`));
  return [...new Set(lines)];
}

/** `wiki.admin.email`; a key that is not a word is in quotes. */
export function pathText(path: Path): string {
  return path.map((key) => (/^[\w$-]{1,60}$/.test(String(key)) ? String(key) : quoted(String(key)))).join(".") || "the file";
}

/** Characters of a value that are shown. */
const SHOWN = 60;

/** The text in quotes, without the secrets in it, and without its end when it is long. */
export function quoted(value: string): string {
  return JSON.stringify(excerpt(value, SHOWN));
}

/** The text with an escape in place of each character that breaks a line, or that a terminal would obey or hide. */
export function oneLine(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => (character === "\n" ? "\\n" : `\\u{${character.codePointAt(0)?.toString(16)}}`));
}
