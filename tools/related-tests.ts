import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { OperatorError } from "../lib/system/operator-error";

/** Option of `npm test` that runs only the test files that a change can affect; `--changed=<ref>` compares with another commit. */
const CHANGED = /^--changed(?:=(?<ref>.+))?$/;
/** Branches that work starts from; the first one that exists is compared with. */
const BASES = ["origin/main", "main"];
const DIRECTORIES = ["lib", "tools", "constructs", "examples", "__tests__"];
const SOURCE = /^(?:lib|tools|constructs|examples|__tests__)\/.*\.[jt]s$/;
/** A change of one of these can affect every test. */
const EVERYTHING = /^(?:package(?:-lock)?\.json|jest\.config\.js|tsconfig\.json|__tests__\/support\/jest-.*)$/;
/** Tests that read all files of a kind, without naming them. */
const READERS = ["__tests__/architecture.test.ts", "__tests__/docs.test.ts", "__tests__/library.test.ts"];

/**
 * Arguments for jest, with `--changed` replaced by the affected test files.
 *
 * @throws OperatorError when git cannot say what changed
 */
export function jestArguments(args: readonly string[], root: string): readonly string[] {
  const option = args.map((arg) => CHANGED.exec(arg)).find((match) => match !== null);
  if (!option) return args;
  const related = relatedTo(changedFiles(root, option.groups?.ref), root);
  const others = args.filter((arg) => !CHANGED.test(arg));
  // jest refuses to look for tests of no file
  if (related.length === 0) return [...others, "--passWithNoTests", "--onlyChanged"];
  return related === "everything" ? others : [...others, "--passWithNoTests", "--findRelatedTests", ...related];
}

/** Files that differ from `base`, committed or not, with their paths below `root`. */
export function changedFiles(root: string, base = BASES.find((ref) => git(root, "rev-parse", "--verify", "--quiet", ref) !== undefined) ?? "HEAD"): string[] {
  const fork = git(root, "merge-base", base, "HEAD")?.[0];
  if (fork === undefined) throw new OperatorError(`--changed compares with ${base}, which git does not know`, "npm test -- --changed=<commit>");
  const paths = [git(root, "diff", "--name-only", "--no-renames", fork), git(root, "ls-files", "--others", "--exclude-standard")];
  return [...new Set(paths.flatMap((lines) => lines ?? []))].sort();
}

/**
 * Sources that a change of `files` affects: themselves, and for a script, document or other file the sources that name it. jest finds the
 * tests that import them.
 */
export function relatedTo(files: readonly string[], root: string): readonly string[] | "everything" {
  if (files.some((file) => EVERYTHING.test(file))) return "everything";
  const sources = files.filter((file) => SOURCE.test(file) && existsSync(join(root, file)));
  const others = files.filter((file) => !SOURCE.test(file));
  const names = others.map((file) => basename(file, extname(file)));
  const naming = names.length === 0 ? [] : sourceFiles(root).filter((file) => mentions(readFileSync(join(root, file), "utf8"), names));
  return [...new Set([...sources, ...naming, ...(files.length > 0 ? READERS : [])])].map((file) => join(root, file));
}

function mentions(text: string, names: readonly string[]): boolean {
  return names.some((name) => text.includes(name));
}

function sourceFiles(root: string): string[] {
  return DIRECTORIES.flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: "utf8" }).map((file) => join(directory, file)),
  ).filter((file) => SOURCE.test(file));
}

/** Lines that git prints; nothing when it fails. */
function git(root: string, ...args: readonly string[]): string[] | undefined {
  const { status, stdout } = spawnSync("git", ["-C", root, ...args], { encoding: "utf8" });
  return status === 0 ? stdout.split("\n").filter((line) => line !== "") : undefined;
}
