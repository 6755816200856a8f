import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./needs";

/** A file for people, by its path from the top of the repository. */
export interface Document {
  readonly path: string;
  readonly text: string;
}

/** Every Markdown file that belongs to the repository. */
export function markdownFiles(): Document[] {
  const below = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" }).map((file) => join("docs", file));
  return ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", ...below.sort()].filter((file) => file.endsWith(".md")).map(document);
}

export function document(path: string): Document {
  return { path, text: readFileSync(join(ROOT, path), "utf8") };
}

const FENCE = /^[ \t]*```\w*\n(.*?)^[ \t]*```/gms;

/** Content of code blocks, line by line. */
export function codeLines({ text }: Document): string[] {
  return [...text.matchAll(FENCE)].flatMap(([, block = ""]) => block.split("\n")).map((line) => line.trim());
}

/** Blocks that are for a shell. */
export function shellBlocks({ text }: Document): string[] {
  return [...text.matchAll(/^[ \t]*```sh\n(.*?)^[ \t]*```/gms)].map(([, block = ""]) => block);
}

/** Blocks of code in one language below a heading, in order. */
export function blocksBelow({ path, text }: Document, heading: string, language: string): string[] {
  const section = text.split(/^(?=#+ )/m).find((part) => part.split("\n")[0]?.replace(/^#+ /, "") === heading);
  if (section === undefined) throw new Error(`${path} has no heading "${heading}"`);
  const fence = new RegExp(`^[ \\t]*\`\`\`${language}\\n(.*?)^[ \\t]*\`\`\``, "gms");
  return [...section.matchAll(fence)].map(([, block = ""]) => block);
}

/** Code spans in sentences. */
export function codeSpans({ text }: Document): string[] {
  return [...text.replace(FENCE, "").matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code.replace(/\s+/g, " "));
}

/** A command line for npm or npx. */
export interface CommandLine {
  readonly line: string;
  /** Whether it is only a name in a sentence, without its arguments. */
  readonly isName: boolean;
}

/** A command that is only named: it has neither arguments nor options. */
const NAME = /^(npm run|npx) \S+( [a-z]+)?$/;

/** Command lines for npm and npx, without comments and redirections. */
export function commandLines(file: Document): CommandLine[] {
  if (!file.path.endsWith(".md")) return commands(file.text.split("\n").map((line) => line.trim().replace(/ {2,}.*/, "")));
  const spans = codeSpans(file);
  return [
    ...commands([...codeLines(file), ...spans.filter((code) => !NAME.test(code))]),
    ...commands(
      spans.filter((code) => NAME.test(code)),
      true,
    ),
  ];
}

function commands(lines: readonly string[], isName = false): CommandLine[] {
  const found = lines.filter((line) => /^(npm|npx) /.test(line)).map((line) => line.replace(/\s+([#<>]) .*/, ""));
  return [...new Set(found)].map((line) => ({ line, isName }));
}

/** Targets of links and pictures. */
export function links({ text }: Document): string[] {
  return [...text.replace(FENCE, "").matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$/gm)].map(([, inline, reference]) => inline ?? reference ?? "");
}

/** Names by which headings can be linked to, as GitHub makes them. */
export function anchors({ text }: Document): string[] {
  const headings = [...text.replace(FENCE, "").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** Text between `<!-- name:begin -->` and `<!-- name:end -->`. */
export function between({ path, text }: Document, name: string): string {
  const found = new RegExp(`<!-- ${name}:begin -->\\n(.*?)\\n?<!-- ${name}:end -->`, "s").exec(text);
  if (!found) throw new Error(`${path} lacks <!-- ${name}:begin --> and <!-- ${name}:end -->`);
  return found[1] ?? "";
}
