import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../../lib/cli/command";
import { ROOT } from "../../lib/operations/workspace";
import { runNode } from "../../lib/system/child";
import { withCdktn } from "../with-cdktn";

const FILE = join(ROOT, "package.json");

export const command: Command = {
  group: "develop",
  summary: "use cdktn, the fork of cdktf that is maintained, through an alias in package.json",
  environment: "none",
  run,
};

/** What it changes is in package.json and package-lock.json: `git checkout` of both and `npm ci` undo it. */
function run(): Promise<number> | number {
  const text = readFileSync(FILE, "utf8");
  const changed = withCdktn(text);
  if (changed === text) {
    process.stdout.write("package.json names cdktn already.\n");
    return 0;
  }
  writeFileSync(FILE, changed);
  process.stdout.write("package.json names cdktn in place of cdktf; installing it …\n");
  const npm = process.env.npm_execpath ?? join(process.execPath, "..", "..", "lib", "node_modules", "npm", "bin", "npm-cli.js");
  return runNode([npm, "install", "--ignore-scripts"], { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
}
