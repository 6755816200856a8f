"use strict";
/* Builds what the package contains, below dist/: JavaScript and types of constructs/, its assets, and the build contexts of images. */
const { spawnSync } = require("node:child_process");
const { cpSync, rmSync, statSync } = require("node:fs");
const { join, sep } = require("node:path");

const ROOT = join(__dirname, "..");
const DIST = join(__dirname, "dist");

/** Scripts, templates and data files: all that the compiler leaves out. */
function isAsset(path) {
  return statSync(path).isDirectory() || path.split(sep).includes("assets");
}

rmSync(DIST, { recursive: true, force: true });
// types are checked by the tests
const { status } = spawnSync(process.execPath, [require.resolve("typescript/bin/tsc"), "--project", __dirname], { stdio: "inherit" });
if (status !== 0) process.exit(1);
cpSync(join(ROOT, "constructs"), join(DIST, "constructs"), { recursive: true, filter: isAsset });
cpSync(join(ROOT, "images"), join(DIST, "images"), { recursive: true });
cpSync(join(ROOT, "docs", "library.md"), join(__dirname, "README.md"));
cpSync(join(ROOT, "LICENSE"), join(__dirname, "LICENSE"));
