import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isModule } from "../core/asset";

const known = new Map<string, readonly unknown[]>();

/** What each file of `directory` exports as `name`, in the order of the files: a new one is a new file. */
export function discover<T>(directory: string, name: string): readonly T[] {
  const path = join(__dirname, directory);
  const found = known.get(path) ?? load(path, name);
  known.set(path, found);
  return found as readonly T[];
}

function load(path: string, name: string): unknown[] {
  return readdirSync(path)
    .filter(isModule)
    .sort()
    .map((file) => (require(join(path, file)) as Record<string, unknown>)[name]);
}
