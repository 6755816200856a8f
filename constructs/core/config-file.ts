import { createHash } from "node:crypto";
import { posix } from "node:path";
import { Token } from "cdktf";
import { stringify } from "yaml";
import { assetText } from "./asset";
import { compareText, renderIni, type Sections } from "./render";

/** A text file that a container reads when it starts. Its text is fixed when the stack is synthesized and never holds a secret. */
export class ConfigFile {
  /** Renders `content()` as YAML, after all constructs have been connected. */
  public static yaml(path: string, content: () => object): ConfigFile {
    return ConfigFile.rendered(path, content, (data) => stringify(data, { lineWidth: 0 }));
  }

  /** Renders `content()`, which is plain data, with the given renderer. */
  public static rendered(path: string, content: () => object, renderer: (data: object) => string): ConfigFile {
    const render = remembered((json) => renderer(JSON.parse(json)));
    return new ConfigFile(path, () => render(JSON.stringify(content())));
  }

  /** Renders `content()` as sections of `key=value` lines, as MySQL and PHP read them. */
  public static ini(path: string, content: () => Sections): ConfigFile {
    return new ConfigFile(path, () => renderIni(content()));
  }

  /** A text that is not made of data, such as a shell script. */
  public static text(path: string, content: () => string): ConfigFile {
    return new ConfigFile(path, content);
  }

  /** A file that a construct ships, under its own name; `path` as in {@link assetText}. */
  public static asset(path: string): ConfigFile {
    return new ConfigFile(posix.basename(path), () => assetText(path));
  }

  private constructor(
    /** Path below the directory where the service sees its configuration. */
    public readonly path: string,
    private readonly content: () => string,
  ) {}

  private known: string | undefined;

  /**
   * The text as the program will read it.
   *
   * @throws when the text holds a value that is known only after apply, such as a secret or an id.
   */
  public text(): string {
    const text = this.content();
    if (text !== this.known && Token.isUnresolved(text)) {
      throw new Error(`${this.path} holds a value unknown before apply; hand secrets over as files`);
    }
    this.known = text;
    return text;
  }
}

/** `render`, which is asked for the same text many times while a stack is synthesized. */
function remembered(render: (input: string) => string): (input: string) => string {
  let last: { input: string; output: string } | undefined;
  return (input) => {
    if (last?.input !== input) last = { input, output: render(input) };
    return last.output;
  };
}

/** Twelve hexadecimal digits that change exactly when a path or a text does. */
export function contentHash(files: readonly ConfigFile[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file.path}\0${file.text()}\0`);
  return hash.digest("hex").slice(0, 12);
}

/** Twelve hexadecimal digits that change exactly when `value`, written as JSON, does; the order of keys does not count. */
export function valueHash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value, sortedKeys)).digest("hex").slice(0, 12);
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => compareText(a, b)));
}
