"use strict";
/*
 * One process at a time: a directory that exists while a process works. Plain JavaScript, because it is used before anything is
 * installed.
 */
const { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const POLL_MILLISECONDS = 100;
/** A directory without the id of a process belongs to one that was killed in the instant between the two. */
const UNNAMED_MILLISECONDS = 5000;

/** Whether every process of the lock `directory` has ended: its holder, and those in its file `pid`. */
function isAbandoned(directory) {
  try {
    const ids = readFileSync(join(directory, "pid"), "utf8").trim().split("\n").map(Number);
    return ids.every((id) => !isRunning(id));
  } catch {
    return existsSync(directory) && Date.now() - statSync(directory).mtimeMs > UNNAMED_MILLISECONDS;
  }
}

function isRunning(id) {
  try {
    process.kill(id, 0);
    return !isZombie(id);
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Whether a process has ended, but its parent did not collect it, as happens in containers without an init. */
function isZombie(id) {
  try {
    return readFileSync(`/proc/${id}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
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
  let announced = false;
  while (!take(directory)) {
    if (isAbandoned(directory)) rmSync(directory, { recursive: true, force: true });
    else if (Date.now() > deadline) throw Object.assign(new Error(`another process holds ${directory}`), { code: "ETIMEDOUT" });
    else {
      if (!announced) onWait?.();
      announced = true;
      // synthesis and the installation of packages are synchronous, and nothing else of this process could go on meanwhile
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
