import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { quoted } from "../../environment/problems/finding";
import { OperatorError } from "../../system/operator-error";
import { pipe, type Readable } from "./pipeline";

/** Programs that decompress, by the first bytes of a file. */
const FORMATS: readonly { readonly magic: string; readonly program: string }[] = [
  { magic: "1f8b", program: "gzip" },
  { magic: "28b52ffd", program: "zstd" },
  { magic: "425a68", program: "bzip2" },
  { magic: "fd377a585a00", program: "xz" },
];

/** Where files are: on this machine, or behind SSH. They are only read. */
export type Machine = { readonly kind: "here" } | { readonly kind: "ssh"; readonly destination: string };
/** Where a source is. */
export type Place = Machine | { readonly kind: "container"; readonly name: string };

const NAME = "[A-Za-z0-9][A-Za-z0-9_.-]*";
const SSH = new RegExp(`^ssh:(//)?((?:${NAME}@)?(?:${NAME}|\\[[0-9a-f:]+\\])(?::\\d{1,5})?)$`, "i");
const CONTAINER = new RegExp(`^container:(${NAME})$`);

/** Name of the container in `container:<name>`; nothing for another text. */
export function containerIn(text: string): string | undefined {
  return CONTAINER.exec(text)?.[1];
}

/** Reads `--from`; @throws OperatorError for anything but `ssh://[<user>@]<host>[:<port>]` and `container:<name>`. */
export function placeOf(from: string | undefined): Place {
  if (from === undefined) return { kind: "here" };
  const name = containerIn(from);
  if (name !== undefined) return { kind: "container", name };
  const [, , destination] = SSH.exec(from) ?? [];
  if (destination !== undefined) return { kind: "ssh", destination: `ssh://${destination}` };
  throw new OperatorError(`--from must be ssh://<user>@<host> or container:<name>, got ${quoted(from)}`, "leave it out for files of this machine");
}

/** Program that decompresses a file that begins with `bytes`; nothing for a file that is not compressed. */
export function decompressor(bytes: Buffer): string | undefined {
  const hex = bytes.toString("hex");
  return FORMATS.find(({ magic }) => hex.startsWith(magic))?.program;
}

const PARTS = ["public/uploads", "storage/uploads", "public-uploads", "storage-uploads", "uploads", "files", "images"];

const shellWord = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;

/** APP_KEY in a text: of a `.env` file, or alone; nothing when it has none that Laravel accepts. */
export function appKey(text: string): string | undefined {
  const [, key] = /^(?:APP_KEY=)?["']?(base64:[A-Za-z0-9+/]{43}=|[\x21-\x7e]{32})["']?\s*$/m.exec(text) ?? [];
  return key;
}

/** One file or directory of a source. */
export class SourcePath implements Readable {
  constructor(
    private readonly machine: Machine,
    public readonly path: string,
    public readonly option: string,
  ) {}

  public problems(): OperatorError[] {
    const { status, stderr } = this.ask(["test", "-r", this.path]);
    if (status === 0) return [];
    const why = this.machine.kind === "ssh" && status === 255 ? `; ${stderr.toString().trim()}` : "";
    return [new OperatorError(`${this.option} ${this.path} does not exist or cannot be read${why}`, "check the path, and that you may read it")];
  }

  public text(): string {
    return this.ask(["cat", this.path]).stdout.toString().trim();
  }

  public bytes(): number | undefined {
    if (this.machine.kind === "here" && existsSync(this.path) && statSync(this.path).isFile()) return statSync(this.path).size;
    const size = Number(this.ask(["du", "-sk", this.path]).stdout.toString().split(/\s/)[0]);
    return Number.isNaN(size) ? undefined : size * 1024;
  }

  public async send(argv: readonly string[], variables: NodeJS.ProcessEnv): Promise<void> {
    await pipe([...this.readers(), argv], variables, this);
  }

  private readers(): string[][] {
    if (this.ask(["test", "-d", this.path]).status === 0) {
      // the directory of an installation has its program as well
      const parts = PARTS.filter((part) => this.ask(["test", "-d", `${this.path}/${part}`]).status === 0);
      return [this.argv(["tar", "-c", "-C", this.path, ...(parts.length > 0 ? parts : ["."])])];
    }
    const program = decompressor(this.ask(["head", "-c", "8", this.path]).stdout);
    return [this.argv(["cat", this.path]), ...(program === undefined ? [] : [[program, "-dc"]])];
  }

  private ask(command: readonly string[]) {
    const [program = "", ...args] = this.argv(command);
    return spawnSync(program, args);
  }

  private argv(command: readonly string[]): string[] {
    return this.machine.kind === "ssh" ? ["ssh", "-o", "BatchMode=yes", this.machine.destination, command.map(shellWord).join(" ")] : [...command];
  }
}
