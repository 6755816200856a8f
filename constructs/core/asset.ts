import { readFileSync } from "node:fs";
import { join } from "node:path";

const CONSTRUCTS = join(__dirname, "..");

/** Path of a file in an `assets/` folder of `constructs/`, such as `edge/traefik/assets/start.sh`: TerraformAsset copies it into the stack. */
export function assetPath(path: string): string {
  return join(CONSTRUCTS, path);
}

/** Build context of the image `name`: the folder `images/` beside `constructs/`, in this repository and in the package. */
export function imageDirectory(name: string): string {
  return join(CONSTRUCTS, "..", "images", name);
}

const read = new Map<string, string>();

/** Text of a file in an `assets/` folder of `constructs/`: a script, template or data file that a construct ships. */
export function assetText(path: string): string {
  const known = read.get(path);
  if (known !== undefined) return known;
  const text = readFileSync(assetPath(path), "utf8");
  read.set(path, text);
  return text;
}
