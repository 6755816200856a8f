import { readFileSync } from "node:fs";
import { join } from "node:path";

const ASSETS = join(__dirname, "..", "..", "assets");

/** The text of a file below `assets/`: what is not TypeScript. */
export function assetText(path: string): string {
  return readFileSync(join(ASSETS, path), "utf8");
}
