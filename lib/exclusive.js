"use strict";
/*
 * One process at a time: a directory that exists while somebody works. Plain JavaScript, because it is used before anything is
 * installed.
 */
const { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const POLL_MILLISECONDS = 100;
/** A directory without the id of a process belongs to one that was killed in the instant between the two. */
const UNNAMED_MILLISECONDS = 5000;

/** Whether the process that holds `directory` is gone. */
function isAbandoned(directory) {
  try {
    process.kill(Number(readFileSync(join(directory, "pid"), "utf8")), 0);
    return false;
  } catch (error) {
    if (error.code !== "ENOENT") return error.code !== "EPERM";
    return existsSync(directory) && Date.now() - statSync(directory).mtimeMs > UNNAMED_MILLISECONDS;
  }
}

function take(directory) {
  try {
    mkdirSync(directory);
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
  writeFileSync(join(directory, "pid"), `${process.pid}`);
  return true;
}

/**
 * Runs `work` while no other process is between the same two lines; what a killed process left behind is taken over.
 *
 * @template T
 * @param {string} directory a path that nothing else uses; what it lies in must exist
 * @param {() => T} work
 * @param {{ seconds: number, onWait?: () => void }} patience how long others may take
 * @returns {T}
 * @throws {Error} what `mkdir` says when the directory cannot be made, or `ETIMEDOUT` when others take longer
 */
function exclusively(directory, work, { seconds, onWait }) {
  const deadline = Date.now() + seconds * 1000;
  let told = false;
  while (!take(directory)) {
    if (isAbandoned(directory)) rmSync(directory, { recursive: true, force: true });
    else if (Date.now() > deadline) throw Object.assign(new Error(`another process holds ${directory}`), { code: "ETIMEDOUT" });
    else {
      if (!told) onWait?.();
      told = true;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MILLISECONDS);
    }
  }
  try {
    return work();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

module.exports = { exclusively };
