import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Who runs scripts: never root, so that permissions count as they do for a container without capabilities. */
const UNPRIVILEGED = 65534;
const IS_ROOT = process.getuid?.() === 0;
const UID = IS_ROOT ? UNPRIVILEGED : (process.getuid?.() ?? UNPRIVILEGED);
const GID = IS_ROOT ? UNPRIVILEGED : (process.getgid?.() ?? UNPRIVILEGED);

/** `openssl x509` reads all authorities of the machine whatever it is asked for, which takes ten times as long as the rest of it. */
const NO_AUTHORITIES = "/dev/null";

/** `uid:gid` of every script that a sandbox runs. */
export const OWN_USER = `${UID}:${GID}`;

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A directory for scripts that are run for real, with commands of a test's own before those of the machine. */
export class Sandbox {
  public readonly directory: string;
  /** The user of the programs that a test starts. */
  public readonly user = { uid: UID, gid: GID };

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), "sandbox-"));
    this.own("");
    this.folder("bin");
  }

  public path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  public folder(path: string): string {
    for (const below of parents(path)) {
      mkdirSync(this.path(below), { recursive: true });
      this.own(below);
    }
    return this.path(path);
  }

  public file(path: string, text: string, mode = 0o644): string {
    this.folder(dirname(path));
    writeFileSync(this.path(path), text);
    chmodSync(this.path(path), mode);
    this.own(path);
    return this.path(path);
  }

  /** Puts a shell script in the place of the program `name`. */
  public command(name: string, script: string): void {
    this.file(join("bin", name), `#!/bin/sh\n${script}\n`, 0o755);
  }

  public read(path: string): string {
    return readFileSync(this.path(path), "utf8");
  }

  /** Names below `path`, hidden ones too, in alphabetical order. */
  public list(path: string): string[] {
    return readdirSync(this.path(path)).sort();
  }

  /**
   * Runs `sh` with `args`; its environment has a PATH, a locale, and what `environment` adds. Throws when that takes more than `seconds`: a
   * program that was killed has said nothing, which a test may take for a good sign.
   */
  public sh(args: readonly string[], environment: Readonly<Record<string, string>> = {}, seconds = 60): Outcome {
    const { status, stdout, stderr, error } = spawnSync("sh", args, {
      cwd: this.directory,
      encoding: "utf8",
      timeout: seconds * 1000,
      uid: UID,
      gid: GID,
      env: { PATH: `${this.path("bin")}:${process.env.PATH ?? ""}`, LC_ALL: "C", SSL_CERT_FILE: NO_AUTHORITIES, ...environment },
    });
    if (error) throw new Error(`sh ${args.join(" ")}: ${error.message}${stdout}${stderr}`);
    return { status, stdout, stderr };
  }

  public remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private own(path: string): void {
    if (IS_ROOT) chownSync(this.path(path), UID, GID);
  }
}

/** `a`, `a/b` and `a/b/c` for `a/b/c`. */
function parents(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
