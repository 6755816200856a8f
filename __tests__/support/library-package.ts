import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./needs";

const CACHE = join(ROOT, "node_modules", ".cache", "secure-bookstack", "library");
/** Everything that the package is built from. */
const SOURCES = [
  "constructs",
  "images",
  "library/package.json",
  "library/tsconfig.json",
  "library/build.js",
  "docs/library.md",
  "examples",
  "package-lock.json",
];
/** What another repository installs beside the package, and what it needs to compile. */
const INSTALLED = ["@cdktf", "@types/node", "cdktf", "constructs", "undici-types", "yaml"];
export const NAME = "secure-bookstack-constructs";

/** Settings of a new project of CDK for Terraform, and of one that uses the package exports of Node.js. */
export const COMPILERS = {
  node10: { module: "commonjs", moduleResolution: "node10" },
  node16: { module: "node16", moduleResolution: "node16" },
} as const;

/**
 * Another repository that has installed the library: a directory with the unpacked tarball of `npm pack ./library`, links to the packages that
 * npm would install, and the examples, compiled with each of {@link COMPILERS} into `built`. What a compiler printed is in `<name>.log`.
 *
 * Compiling takes several seconds, so that is done once for the same sources.
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
  cpSync(join(ROOT, "examples"), join(building, "examples"), { recursive: true });
  for (const name of Object.keys(COMPILERS) as (keyof typeof COMPILERS)[]) writeFileSync(join(building, `${name}.log`), compile(building, name));
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

/** Compiles the examples in `project`, and gives what the compiler printed: nothing when all is well. */
function compile(project: string, name: keyof typeof COMPILERS): string {
  const compilerOptions = { target: "es2022", strict: true, skipLibCheck: true, types: ["node"], outDir: "built", ...COMPILERS[name] };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["examples"] }));
  const { stdout, error } = spawnSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "--project", project], { encoding: "utf8" });
  return stdout ?? error?.message;
}
