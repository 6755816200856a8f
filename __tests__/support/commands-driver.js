"use strict";
/* Runs the commands that a file lists, each as in a process of its own: with its variables, and its output kept apart. */
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { join } = require("node:path");

const [, , directory, list] = process.argv;
process.chdir(directory);
require(join(directory, "lib/cli/preload.js"));
createRequire(join(directory, "package.json"))("tsx/cjs");
const { execute } = require(join(directory, "lib/cli/main.ts"));

async function run({ words, environment }) {
  const before = { ...process.env };
  const mask = process.umask();
  const said = { stdout: "", stderr: "" };
  const writes = { stdout: process.stdout.write, stderr: process.stderr.write };
  Object.assign(process.env, environment);
  for (const stream of ["stdout", "stderr"]) {
    process[stream].write = (text) => {
      said[stream] += text;
      return true;
    };
  }
  try {
    return { status: await execute(words), ...said };
  } finally {
    for (const stream of ["stdout", "stderr"]) process[stream].write = writes[stream];
    process.umask(mask);
    for (const name of Object.keys(environment)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

(async () => {
  const outcomes = [];
  for (const command of JSON.parse(readFileSync(list, "utf8"))) outcomes.push(await run(command));
  process.stdout.write(JSON.stringify(outcomes));
})();
