"use strict";
/*
 * The environment of jest for Node.js, created once in each worker: a package that was loaded for one test file serves the next, too
 * (jest-runtime.js). Everything of the repository is loaded again for each file, and what a file leaves behind is put back.
 */
const { TestEnvironment } = require("jest-environment-node");

class SharedEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    const { process } = this.global;
    this.process = { process, exit: process.exit, env: process.env, variables: { ...process.env } };
  }

  async teardown() {
    this.moduleMocker.restoreAllMocks();
    this.fakeTimers.dispose();
    this.fakeTimersModern.dispose();
    // jest-circus adds its handlers of events, and its state, for each file
    for (const name of Object.getOwnPropertySymbols(this.global)) if (/EVENT_HANDLERS|JEST_STATE/.test(name.description)) delete this.global[name];
    const { process, exit, env, variables } = this.process;
    for (const name of Object.keys(env)) if (!(name in variables)) delete env[name];
    this.global.process = Object.assign(process, { exit, env: Object.assign(env, variables) });
  }
}

let kept;

/** What jest calls with `new` for each test file. */
module.exports = function environment(config, context) {
  kept ??= new SharedEnvironment(config, context);
  return kept;
};
