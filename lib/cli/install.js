"use strict";
/*
 * Makes sure that the packages of package-lock.json are there, before anything in TypeScript is loaded. It is plain JavaScript,
 * because it runs before anything is installed.
 */
const { spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const { accessSync, constants, existsSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { exclusively } = require("../system/exclusive.js");

const ROOT = join(__dirname, "..", "..");
const LOCK_FILE = join(ROOT, "package-lock.json");
const PACKAGES = join(ROOT, "node_modules");
/** Written after an installation has ended well; holds the hash of the packages that were installed. */
const MARKER = join(PACKAGES, ".secure-bookstack-installed");
/** Lock directory during an installation; beside node_modules, which `npm ci` removes. */
const RUNNING = join(ROOT, ".installing");
/** The least version of Node.js: the first with everything that is used. */
const LEAST = [20, 12];
const WAIT_SECONDS = 600;
/** Exit code of a shell that does not find a program. */
const NOT_FOUND = 127;
const ELSEWHERE = "copy the repository to a directory of your own";

/** Why this version of Node.js is too old; nothing when it is not. */
function tooOld(version = process.versions.node) {
  const [major, minor] = version.split(".").map(Number);
  const fits = major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1]);
  return fits ? undefined : `Node.js ${LEAST.join(".")} or later is needed, this is v${version}; get it from https://nodejs.org`;
}

/** Packages of a lock file that every machine needs, with or without those of developers: path → version. */
function versions(file, withDevelopers) {
  const { packages } = JSON.parse(readFileSync(file, "utf8"));
  return new Map(
    Object.entries(packages).flatMap(([path, { version, optional, link, dev }]) =>
      path === "" || optional || link || (dev && !withDevelopers) ? [] : [[path, version]],
    ),
  );
}

/** Hash of the packages in the lock file; the version of this repository, which is in it too, makes no difference. */
function hash() {
  const { packages } = JSON.parse(readFileSync(LOCK_FILE, "utf8"));
  return createHash("sha256")
    .update(JSON.stringify({ ...packages, "": undefined }))
    .digest("hex");
}

/** Whether all packages are installed: by our marker, or by npm if they were installed another way. */
function installed(withDevelopers) {
  if (existsSync(MARKER)) return readFileSync(MARKER, "utf8") === hash();
  const present = join(PACKAGES, ".package-lock.json");
  if (!existsSync(present)) return false;
  const have = versions(present, withDevelopers);
  return [...versions(LOCK_FILE, withDevelopers)].every(([path, version]) => have.get(path) === version && existsSync(join(ROOT, path, "package.json")));
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}

/** Runs npm; its process holds the lock, too, so that an npm whose parent was killed is waited for. */
function npm(args) {
  // a package unpacks itself into the user's cache otherwise
  const env = { ...process.env, SWC_NATIVE_BINDING_CACHE: join(PACKAGES, ".cache", "swc") };
  const options = { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"], env };
  if (process.platform === "win32") return spawnSync("npm", args, { ...options, shell: true });
  const script = `command -v npm > /dev/null || exit ${NOT_FOUND}; printf '\\n%s\\n' $$ >> "$0/pid"; exec npm "$@"`;
  return spawnSync("/bin/sh", ["-c", script, RUNNING, ...args], options);
}

function install() {
  process.stderr.write("Installing the packages of package-lock.json (once, about half a minute) …\n");
  // with those of developers: npm leaves them out where NODE_ENV is production, as under cdktf
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, error } = npm(args);
  if (status === 0) {
    writeFileSync(MARKER, hash());
    return true;
  }
  const missing = status === NOT_FOUND ? "ENOENT" : error?.code;
  const reason = missing === undefined ? "npm's reason is above" : `npm could not be started (${missing})`;
  process.stderr.write(`the packages could not be installed: ${reason}; with a connection to the npm registry, run: npm ci --include=dev\n`);
  return false;
}

/**
 * Installs what is missing, one process at a time.
 *
 * @param {boolean} withDevelopers whether the packages of developers are needed, too, as for tests
 */
function ensureInstalled(withDevelopers) {
  const old = tooOld();
  if (old !== undefined) fail(old);
  if (installed(withDevelopers)) return;
  if (existsSync(PACKAGES)) requireWritable(PACKAGES);
  const onWait = () => process.stderr.write("Another process is installing the packages; waiting for it …\n");
  let done = false;
  try {
    done = exclusively(RUNNING, () => installed(withDevelopers) || install(), { seconds: WAIT_SECONDS, onWait });
  } catch ({ code }) {
    if (code === "ETIMEDOUT") fail(`another process has been installing for ${WAIT_SECONDS} s; end it, remove ${RUNNING}, then run the command again`);
    fail(`the packages cannot be installed: ${ROOT} cannot be written (${code}); ${ELSEWHERE}`);
  }
  if (!done) process.exit(1);
}

function requireWritable(directory) {
  try {
    accessSync(directory, constants.W_OK);
  } catch {
    fail(`the packages in ${directory} are not those of package-lock.json, and it cannot be written; ${ELSEWHERE}`);
  }
}

/** Says in one sentence that a package is broken, where Node.js would print a stack trace. */
function explainBrokenPackages() {
  process.on("uncaughtException", (error) => {
    if (error.code === "MODULE_NOT_FOUND" && error.requireStack?.[0]?.startsWith(PACKAGES)) {
      fail(`a package in ${PACKAGES} is incomplete; run: npm ci --include=dev`);
    }
    throw error;
  });
}

module.exports = { ensureInstalled, explainBrokenPackages, tooOld };
