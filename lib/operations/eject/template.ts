/** A stretch of a text that Terraform reads as a template: characters as they are, or an expression with its braces. */
export type Part = { readonly literal: string } | { readonly code: string };

/** Splits a text of Terraform's JSON into literal and interpolated parts. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let literal = "";
  const flush = () => {
    if (literal !== "") parts.push({ literal });
    literal = "";
  };
  for (let index = 0; index < text.length; ) {
    const escaped = /^([$%])\1\{/.exec(text.slice(index, index + 3))?.[0];
    if (escaped === undefined && /^[$%]\{/.test(text.slice(index, index + 2))) {
      flush();
      const code = text.slice(index, endOfExpression(text, index));
      parts.push({ code });
      index += code.length;
    } else {
      literal += escaped ?? text[index];
      index += escaped?.length ?? 1;
    }
  }
  flush();
  return parts;
}

/** Position after the closing brace of the expression that begins at `start`; braces within quoted texts do not count. */
function endOfExpression(text: string, start: number): number {
  let depth = 0;
  let quoted = false;
  for (let index = start + 1; index < text.length; index++) {
    const character = text[index];
    if (quoted && character === "\\") index++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === "{") depth++;
    else if (!quoted && character === "}" && --depth === 0) return index + 1;
  }
  return text.length;
}

/** Whether a text holds no expression. */
export function isLiteral(text: string): boolean {
  return partsOf(text).every((part) => "literal" in part);
}

/** A literal text as a program reads it: `$${` is `${`. */
export function unescaped(text: string): string {
  return text.replace(/([$%])\1\{/g, "$1{");
}

const NAMED: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Characters between the quotes of a text in HCL; templates stay. */
export function quotedCharacters(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those have to be written as numbers
  return text.replace(/[\\"\x00-\x1f]/g, (found) => NAMED[found] ?? `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
