import type { Mistake } from "./yaml-mistakes";

/** Characters that YAML has not: editors hide most of them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u0084\u0086-\u009F\uFFFE\uFFFF]/;

/** What in the characters of a file leaves nothing to be read as YAML; nothing when all is well. */
export function unreadableIn(text: string): Mistake | undefined {
  const at = text.search(CONTROL);
  if (at >= 0) {
    const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0");
    return { line: lineAt(text, at), text: `a control character (U+${code}) that no text has; delete it, or save the file as plain text`, fatal: true };
  }
  if (/\r(?!\n)/.test(text) && !text.includes("\n")) {
    return { line: undefined, text: "the lines end with a carriage return alone; save the file with line ends of Unix or Windows", fatal: true };
  }
  return undefined;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
