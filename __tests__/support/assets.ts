import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./needs";

/** Paths below `constructs/` of every file that a construct ships: whatever lies in an `assets/` folder. */
export function assetFiles(): string[] {
  const directory = join(ROOT, "constructs");
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((path) => /(^|\/)assets\//.test(path) && statSync(join(directory, path)).isFile())
    .sort();
}
