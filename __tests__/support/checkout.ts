import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { ROOT } from "./needs";

/** Files that are not copied: generated, never read by a command, or private environments. */
const LEFT_OUT = /^(\.git|node_modules|cdktf\.out|coverage|docs|__tests__|e2e\/\.work|terraform\..*|environments\/(?!local\.|production\.example\.).*\.yaml)$/;

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command of the repository, and variables of its process. */
export type Call = readonly [commandLine: string, environment?: Readonly<Record<string, string>>];

/** A copy of the repository where commands are run as processes, with nothing in PATH but Node and what a test puts there. */
export class Checkout {
  public readonly directory = emptyDirectory();
  private readonly programs = join(this.directory, "programs");
  /** Account → the process that runs its commands. */
  private readonly drivers = new Map<number | undefined, ChildProcess>();

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
      ...this.process(environment, uid),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        output[stream] += text;
      });
    }
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (status) => resolve({ status, ...output }));
    });
  }

  /** Runs a command of the repository in a process of its own, as its script in package.json does. */
  public command(commandLine: string, environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return this.node(["lib/cli/bin.js", ...commandLine.split(" ")], environment);
  }

  /** Runs a command like {@link commands}. */
  public async run(...call: Call): Promise<Ended> {
    const [outcome] = await this.commands([call]);
    if (outcome === undefined) throw new Error(`${call[0]} was not run`);
    return outcome;
  }

  /**
   * Runs commands one after the other in a process that stays: loading the program takes longer than most of them. Gives how each ended, in
   * their order.
   */
  public async commands(all: readonly Call[], uid?: number): Promise<Ended[]> {
    const driver = this.driver(uid);
    const outcomes = await new Promise<Ended[]>((resolve, reject) => {
      driver.once("message", (message) => resolve(message as Ended[]));
      driver.once("exit", (code) => reject(new Error(`the driver ended with ${code}`)));
      driver.send(all.map(([commandLine, environment = {}]) => ({ args: commandLine.split(" "), environment })));
    });
    driver.removeAllListeners("exit");
    return outcomes;
  }

  private driver(uid: number | undefined): ChildProcess {
    const known = this.drivers.get(uid);
    if (known) return known;
    const driver = spawn(process.execPath, [join(ROOT, "__tests__/support/commands-driver.js"), this.directory], {
      ...this.process({}, uid),
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.drivers.set(uid, driver);
    return driver;
  }

  private process(environment: Readonly<Record<string, string>>, uid: number | undefined) {
    return { cwd: this.directory, uid, env: { PATH: this.programs, HOME: this.directory, TMPDIR: tmpdir(), ...environment } };
  }

  public remove(): void {
    for (const driver of this.drivers.values()) driver.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The first that is free of directories of this worker: what was compiled for a checkout serves the next one at the same path. */
function emptyDirectory(): string {
  for (let number = 1; ; number += 1) {
    const path = join(realpathSync(tmpdir()), `checkout-${process.env.JEST_WORKER_ID ?? 0}-${number}`);
    if (mkdirSync(path, { recursive: true }) !== undefined) return path;
  }
}
