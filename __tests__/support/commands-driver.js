"use strict";
/* Runs the commands that its parent sends, each as in a process of its own: with its variables, and its output kept apart. */
const { join } = require("node:path");

const [, , directory] = process.argv;
process.chdir(directory);
require(join(directory, "lib/cli/preload.js"));
require(join(directory, "lib/cli/typescript.js"));
const { execute } = require(join(directory, "lib/cli/main.ts"));

async function run({ args, environment }) {
  const before = { ...process.env };
  const mask = process.umask();
  const output = { stdout: "", stderr: "" };
  const writes = { stdout: process.stdout.write, stderr: process.stderr.write };
  Object.assign(process.env, environment);
  for (const stream of ["stdout", "stderr"]) {
    process[stream].write = (text) => {
      output[stream] += text;
      return true;
    };
  }
  try {
    return { status: await execute(args), ...output };
  } finally {
    for (const stream of ["stdout", "stderr"]) process[stream].write = writes[stream];
    process.umask(mask);
    for (const name of Object.keys(environment)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

process.on("message", async (commands) => {
  const outcomes = [];
  for (const command of commands) outcomes.push(await run(command));
  process.send(outcomes);
});
