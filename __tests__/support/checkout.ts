import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { ROOT } from "./needs";

/** What is not copied: made by tools, never read by a command, or an environment of somebody's own. */
const LEFT_OUT = /^(\.git|node_modules|cdktf\.out|coverage|docs|__tests__|e2e\/\.work|terraform\..*|environments\/(?!local\.|production\.example\.).*\.yaml)$/;

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command of the repository, and variables of its process. */
export type Call = readonly [words: string, environment?: Readonly<Record<string, string>>];

/** A copy of the repository where commands are run as processes, with nothing in PATH but Node and what a test puts there. */
export class Checkout {
  public readonly directory = realpathSync(mkdtempSync(join(tmpdir(), "checkout-")));
  private readonly programs = join(this.directory, "programs");

  private constructor() {
    mkdirSync(this.programs);
    symlinkSync(process.execPath, join(this.programs, "node"));
  }

  /** Everything, with its packages. */
  public static whole(): Checkout {
    const made = new Checkout();
    cpSync(ROOT, made.directory, { recursive: true, filter: (source) => !LEFT_OUT.test(relative(ROOT, source)) });
    symlinkSync(join(ROOT, "node_modules"), join(made.directory, "node_modules"));
    return made;
  }

  /** These files and nothing else. */
  public static of(...paths: readonly string[]): Checkout {
    const made = new Checkout();
    for (const path of paths) made.file(path, readFileSync(join(ROOT, path), "utf8"));
    return made;
  }

  /** Writes `text` to a file, and gives its path. */
  public file(path: string, text: string, mode = 0o644): string {
    const file = join(this.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
    return file;
  }

  public read(path: string): string {
    return readFileSync(join(this.directory, path), "utf8");
  }

  /** Every file below `path` with what it holds; nothing when the directory is not there. */
  public contents(path: string): Record<string, string> {
    const directory = join(this.directory, path);
    try {
      const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".json"));
      return Object.fromEntries(files.map((file) => [file, readFileSync(join(directory, file), "utf8")]));
    } catch {
      return {};
    }
  }

  /** A directory for PATH that holds Node and, by name, these shell scripts. */
  public path(name: string, programs: Readonly<Record<string, string>>): string {
    for (const [program, script] of Object.entries(programs)) this.file(join("programs", name, program), `#!/bin/sh\n${script}\n`, 0o755);
    return `${join(this.programs, name)}:${this.programs}`;
  }

  /** Runs Node to its end, with `environment` on top of little more than PATH; as the account `uid` where one is given. */
  public node(args: readonly string[], environment: Readonly<Record<string, string>> = {}, uid?: number): Promise<Ended> {
    const child = spawn(process.execPath, [...args], {
      cwd: this.directory,
      uid,
      env: { PATH: this.programs, HOME: this.directory, TMPDIR: tmpdir(), ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        said[stream] += text;
      });
    }
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (status) => resolve({ status, ...said }));
    });
  }

  /** Runs a command of the repository, as its script in package.json does. */
  public command(words: string, environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return this.node(["lib/cli/bin.js", ...words.split(" ")], environment);
  }

  /**
   * Runs commands one after the other, all in one process: loading the program takes longer than most of them. Gives how each ended, in
   * their order.
   */
  public async commands(all: readonly Call[]): Promise<Ended[]> {
    const driver = join(ROOT, "__tests__/support/commands-driver.js");
    const list = this.file("commands.json", JSON.stringify(all.map(([words, environment = {}]) => ({ words: words.split(" "), environment }))));
    const { status, stdout, stderr } = await this.node([driver, this.directory, list]);
    if (status !== 0) throw new Error(`the driver ended with ${status}: ${stderr}`);
    const outcomes: Ended[] = JSON.parse(stdout);
    if (outcomes.length !== all.length) throw new Error(`of ${all.length} commands ${outcomes.length} ended`);
    return outcomes;
  }

  public remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
