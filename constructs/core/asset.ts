import { readFileSync } from "node:fs";
import { join } from "node:path";

const ASSETS = join(__dirname, "..", "..", "assets");

/** Where a file below `assets/` lies, for what copies it into a stack's own folder. */
export function assetPath(path: string): string {
  return join(ASSETS, path);
}

const read = new Map<string, string>();

/** The text of a file below `assets/`: what is not TypeScript. */
export function assetText(path: string): string {
  const known = read.get(path);
  if (known !== undefined) return known;
  const text = readFileSync(join(ASSETS, path), "utf8");
  read.set(path, text);
  return text;
}
