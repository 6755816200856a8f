import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./needs";

const CACHE = join(ROOT, "node_modules", ".cache", "secure-bookstack", "library");
/** Everything that the package is built from. */
const SOURCES = ["constructs", "images", "library/package.json", "library/tsconfig.json", "library/build.js", "docs/library.md", "package-lock.json"];
/** What another repository installs beside the package, and what it needs to compile. */
const INSTALLED = ["@cdktf", "@types/node", "cdktf", "constructs", "undici-types", "yaml"];
export const NAME = "secure-bookstack-constructs";

/**
 * Another repository that has installed the library: a directory with the unpacked tarball of `npm pack ./library`, and links to the packages
 * that npm would install.
 *
 * Compiling takes several seconds, so a package of the same sources is built once.
 */
export function installedLibrary(): string {
  const project = join(CACHE, hashOf(SOURCES));
  if (existsSync(project)) return project;
  rmSync(CACHE, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  const building = mkdtempSync(join(CACHE, "building-"));
  const [{ filename }] = JSON.parse(run("npm", ["pack", "./library", "--json", "--pack-destination", building], ROOT));
  const modules = join(building, "node_modules");
  for (const name of INSTALLED) {
    mkdirSync(join(modules, name, ".."), { recursive: true });
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
  run("tar", ["-xzf", filename], building);
  renameSync(join(building, "package"), join(modules, NAME));
  renameSync(building, project);
  return project;
}

/** Runs a program that has to succeed, and gives what it printed. */
export function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status ?? error?.message}\n${stdout}${stderr}`);
  return stdout;
}

/** Files below `directory`, by their path there. */
export function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((file) => statSync(join(directory, file)).isFile())
    .sort();
}

function hashOf(paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) {
    const files = statSync(join(ROOT, path)).isFile() ? [path] : filesBelow(join(ROOT, path)).map((file) => join(path, file));
    for (const file of files)
      hash
        .update(`${file}\0`)
        .update(readFileSync(join(ROOT, file)))
        .update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}

/** Copies the examples into `project`, as its own sources. */
export function copyExamples(project: string): string[] {
  cpSync(join(ROOT, "examples"), join(project, "examples"), { recursive: true });
  return readdirSync(join(project, "examples")).sort();
}
