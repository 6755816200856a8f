"use strict";
/*
 * Starts a command of this repository. It is plain JavaScript, because it runs before anything is installed: it brings the
 * packages of package-lock.json when they are missing or others, then hands over to TypeScript in the same process.
 */
const { spawnSync } = require("node:child_process");
const { existsSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

const ROOT = join(__dirname, "..", "..");

/** Packages of a lock file: path → version, without those that only some machines need. */
function versions(file) {
  const { packages } = JSON.parse(readFileSync(file, "utf8"));
  return new Map(Object.entries(packages).flatMap(([path, { version, optional, link }]) => (path === "" || optional || link ? [] : [[path, version]])));
}

function installed() {
  const present = join(ROOT, "node_modules", ".package-lock.json");
  if (!existsSync(present)) return false;
  const have = versions(present);
  return [...versions(join(ROOT, "package-lock.json"))].every(([path, version]) => have.get(path) === version);
}

function install() {
  process.stderr.write("Installing the packages of package-lock.json (once, about half a minute) …\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { status } = spawnSync(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  if (status === 0) return;
  process.stderr.write("The packages could not be installed; see above. With a connection to the npm registry, run: npm ci --loglevel=notice\n");
  process.exit(1);
}

if (Number(process.versions.node.split(".")[0]) < 20) {
  process.stderr.write(`Node.js 20 or later is needed, this is ${process.version}; get it from https://nodejs.org\n`);
  process.exit(1);
}
if (!installed()) install();
require("./preload.js");
require("tsx/cjs");
// what cdktf.json names is no command
require(process.argv[2] === "main" ? "../../main.ts" : "./cli.ts");
