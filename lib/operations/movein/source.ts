import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { OperatorError } from "../../system/operator-error";

/** Programs that decompress, by the first bytes of a file. */
const FORMATS: readonly { readonly magic: string; readonly program: string }[] = [
  { magic: "1f8b", program: "gzip" },
  { magic: "28b52ffd", program: "zstd" },
  { magic: "425a68", program: "bzip2" },
  { magic: "fd377a585a00", program: "xz" },
];

/** Where dump and uploads are: on this machine, behind SSH, or uploads in a container. They are only read. */
export type Place = { readonly kind: "here" } | { readonly kind: "ssh"; readonly host: string } | { readonly kind: "container"; readonly name: string };

/** Reads `--from`; @throws OperatorError for anything but `ssh:<user>@<host>` and `container:<name>`. */
export function placeOf(from: string | undefined): Place {
  if (from === undefined) return { kind: "here" };
  const [, kind, name = ""] = /^(ssh|container):([A-Za-z0-9][A-Za-z0-9_.@-]*)$/.exec(from) ?? [];
  if (kind === "ssh") return { kind, host: name };
  if (kind === "container") return { kind, name };
  throw new OperatorError(`--from must be ssh:<user>@<host> or container:<name>, got "${from}"`, "leave it out for files of this machine");
}

/** Program that decompresses a file that begins with `bytes`; nothing for a file that is not compressed. */
export function decompressor(bytes: Buffer): string | undefined {
  const hex = bytes.toString("hex");
  return FORMATS.find(({ magic }) => hex.startsWith(magic))?.program;
}

const PARTS = ["public/uploads", "storage/uploads", "public-uploads", "storage-uploads", "uploads", "files", "images"];

const quoted = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;

/** What a container has: where its uploads are, below which path they are unpacked, and its APP_KEY if it says one. */
export function containerSource(name: string): { readonly uploads: readonly (readonly [path: string, below: string])[]; readonly key: string | undefined } {
  const has = (path: string) => spawnSync("docker", ["exec", name, "test", "-e", path]).status === 0;
  const inspected = spawnSync("docker", ["container", "inspect", "--format", "{{json .Config.Env}}", name], { encoding: "utf8" });
  if (inspected.status !== 0) throw new OperatorError(`--from container:${name}: there is no such container`, "docker ps --all   # lists them");
  const linuxserver = has("/config/www/uploads");
  const directories = linuxserver ? ["/config/www"] : ["/var/www/bookstack", "/app/www"].filter((path) => has(`${path}/storage/uploads`)).slice(0, 1);
  const [root] = directories;
  if (root === undefined) {
    throw new OperatorError(
      `--from container:${name} does not run, or has no BookStack`,
      "start it, or give --uploads and --app-key-file as files of this machine",
    );
  }
  const parts: readonly (readonly [string, string])[] = linuxserver
    ? ["uploads", "files", "images"].map((part) => [`${root}/${part}`, "."] as const).filter(([path]) => has(path))
    : ["public", "storage"].map((part) => [`${root}/${part}/uploads`, part] as const);
  const env = (JSON.parse(inspected.stdout) as string[]).join("\n");
  const file = spawnSync("docker", ["exec", name, "cat", `${root}/.env`], { encoding: "utf8" }).stdout;
  return { uploads: parts, key: appKey(file) ?? appKey(env) };
}

/** APP_KEY in a text: of a `.env` file, or alone; nothing when it has none that Laravel accepts. */
export function appKey(text: string): string | undefined {
  const [, key] = /^(?:APP_KEY=)?["']?(base64:[A-Za-z0-9+/]{43}=|[\x21-\x7e]{32})["']?\s*$/m.exec(text) ?? [];
  return key;
}

/** One file or directory of a source. */
export class SourcePath {
  constructor(
    private readonly place: Place,
    public readonly path: string,
    private readonly option: string,
  ) {}

  /** Why it cannot be read; nothing when it can. */
  public problems(): OperatorError[] {
    if (this.place.kind === "container") return [];
    const { status, stderr } = this.ask(["test", "-r", this.path]);
    if (status === 0) return [];
    const why = this.place.kind === "ssh" && status === 255 ? `; ${stderr.toString().trim()}` : "";
    return [new OperatorError(`${this.option} ${this.path} does not exist or cannot be read${why}`, "check the path, and that you may read it")];
  }

  public text(): string {
    return this.ask(["cat", this.path]).stdout.toString().trim();
  }

  /** Size in bytes as it is stored; nothing when it is not known. */
  public bytes(): number | undefined {
    if (this.place.kind === "container") return undefined;
    if (this.place.kind === "here" && existsSync(this.path) && statSync(this.path).isFile()) return statSync(this.path).size;
    const size = Number(this.ask(["du", "-sk", this.path]).stdout.toString().split(/\s/)[0]);
    return Number.isNaN(size) ? undefined : size * 1024;
  }

  /** Sends it, decompressed, to the program that `argv` starts; a directory is sent as a tar archive. @throws OperatorError when either fails. */
  public async send(argv: readonly string[], variables: NodeJS.ProcessEnv): Promise<void> {
    const programs = [...this.readers(), argv];
    const processes: ChildProcess[] = [];
    for (const [index, [program = "", ...args]] of programs.entries()) {
      const stdin = processes.at(-1)?.stdout ?? "ignore";
      const last = index === programs.length - 1;
      processes.push(spawn(program, args, { env: last ? variables : process.env, stdio: [stdin, last ? "inherit" : "pipe", "inherit"] }));
      // the next program has its own copy, and must be the only reader, or a failure of it never ends the one before
      if (stdin !== "ignore") stdin.destroy();
    }
    const codes = await Promise.all(processes.map((child) => ended(child)));
    if (codes.some((code) => code !== 0)) {
      throw new OperatorError(`${this.option} ${this.path} could not be read or loaded; the cause is above`, "fix the cause, then import again");
    }
  }

  private readers(): string[][] {
    if (this.place.kind === "container") return [["docker", "cp", "--follow-link", `${this.place.name}:${this.path}`, "-"]];
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
    return this.place.kind === "ssh" ? ["ssh", "-o", "BatchMode=yes", this.place.host, command.map(quoted).join(" ")] : [...command];
  }
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.on("error", (error) => {
      process.stderr.write(`${error.message}\n`);
      resolve(127);
    });
    child.on("close", (code) => resolve(code ?? 1));
  });
}
