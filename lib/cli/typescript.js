"use strict";
/*
 * Loads TypeScript files. Compiled files are kept beside the packages: in the system's temporary directory, where tsx has them,
 * another account of this machine could put its own in their place.
 */
const { accessSync, constants, mkdirSync } = require("node:fs");
const { join } = require("node:path");

const CACHE = join(__dirname, "..", "..", "node_modules", ".cache");

/** What tsx reads when it is loaded: where its cache is, or that there is none, in a checkout that cannot be written. */
function settings() {
  try {
    mkdirSync(CACHE, { recursive: true });
    accessSync(CACHE, constants.W_OK);
    return { TMPDIR: CACHE };
  } catch {
    return { TSX_DISABLE_CACHE: "1" };
  }
}

const before = { TMPDIR: process.env.TMPDIR, TSX_DISABLE_CACHE: process.env.TSX_DISABLE_CACHE };
Object.assign(process.env, settings());
require("tsx/cjs");
for (const [name, value] of Object.entries(before)) {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
