import { readdirSync } from "node:fs";
import { join } from "node:path";

const known = new Map<string, readonly unknown[]>();

/** What each file of `directory` (an absolute path) exports as `name`, in the order of the files: a new one is a new file. */
export function discover<T>(directory: string, name: string): readonly T[] {
  const found = known.get(directory) ?? load(directory, name);
  known.set(directory, found);
  return found as readonly T[];
}

function load(directory: string, name: string): unknown[] {
  return readdirSync(directory)
    .filter(isModule)
    .sort()
    .map((file) => (require(join(directory, file)) as Record<string, unknown>)[name]);
}

/** Whether `file` is loaded by `require`: TypeScript in this repository, JavaScript beside its declarations in the package. */
function isModule(file: string): boolean {
  return /\.[jt]s$/.test(file) && !file.endsWith(".d.ts");
}
