import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { Finding, Path } from "./finding";
import { unreadableIn } from "./yaml-characters";
import { keyText, type Mistake, mistakesIn, TOO_DEEP } from "./yaml-mistakes";

/** Maximum number of values of all aliases together. */
const MOST_ALIASED = 100;

/** YAML 1.2 and nothing else, whatever a directive in the file asks for; duplicate keys are found where their path is known. */
const STRICT = { prettyErrors: false, stringKeys: true, uniqueKeys: false, schema: "core", resolveKnownTags: false, merge: false } as const;

/** A YAML file: its values, their positions, and syntax errors. */
export class YamlText {
  /** What is wrong with the writing; a wrong value is none of it. */
  public readonly findings: readonly Finding[];
  /** What the file says; undefined when it is empty, or when the findings leave nothing to be read. */
  public readonly value: unknown;
  private readonly lines = new LineCounter();
  private readonly document: Document | undefined;
  /** Offset of the last character that can be seen: what is missing at the end is missing there. */
  private readonly end: number;

  constructor(text: string) {
    this.end = Math.max(0, text.trimEnd().length - 1);
    const unreadable = unreadableIn(text);
    this.document = unreadable ? undefined : parsed(text, this.lines);
    const mistakes: readonly Mistake[] = unreadable
      ? [unreadable]
      : this.document
        ? mistakesIn(this.document, text, (offset) => this.lineAt(offset))
        : [TOO_DEEP];
    const read = mistakes.some(({ fatal }) => fatal) ? {} : plainValue(this.document);
    this.value = read.value;
    this.findings = read.mistake ? [...mistakes, read.mistake] : mistakes;
  }

  /** Line of the key at `path`, or of the nearest block that holds it; none for the file as a whole. */
  public lineOf(path: Path): number | undefined {
    const start = this.locate(path).place?.range?.[0];
    return start === undefined ? undefined : this.lineAt(start);
  }

  /** The written form of a value that is not a text: `8.0` and not `8`. */
  public writtenAt(path: Path): string | undefined {
    const { node } = this.locate(path);
    return isScalar(node) && typeof node.value !== "string" ? node.source : undefined;
  }

  /** The node at `path`, if there is one, and the key or item by which to find it or the nearest around it. */
  private locate(path: Path): { node?: unknown; place?: Node } {
    let node: unknown = this.document?.contents;
    let place: Node | undefined;
    for (const step of path) {
      const pair = isMap(node) ? node.items.findLast(({ key }) => keyText(key) === String(step)) : undefined;
      const item = isSeq(node) ? node.items[Number(step)] : pair?.key;
      if (item === undefined) return { place };
      place = item as Node;
      node = pair ? pair.value : item;
    }
    return { node, place };
  }

  private lineAt(offset: number): number {
    return this.lines.linePos(Math.min(offset, this.end)).line;
  }
}

/** Nothing when the parser runs out of stack. */
function parsed(text: string, lineCounter: LineCounter): Document | undefined {
  try {
    return parseDocument(text, { ...STRICT, lineCounter });
  } catch {
    return undefined;
  }
}

function plainValue(document: Document | undefined): { value?: unknown; mistake?: Mistake } {
  try {
    return { value: document?.toJS({ maxAliasCount: MOST_ALIASED }) ?? undefined };
  } catch {
    return { mistake: { line: undefined, text: `aliases repeat more than ${MOST_ALIASED} values; write the values out`, fatal: true } };
  }
}
