"use strict";
/* Gives the tests their own temporary directory and home, which are removed afterwards. */
const { chmodSync, mkdirSync, mkdtempSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const remove = require("./remove-directory.js");

module.exports = () => {
  const directory = mkdtempSync(join(tmpdir(), "bs-tests-"));
  // scripts under test run as another account
  chmodSync(directory, 0o755);
  mkdirSync(join(directory, "home"));
  // `openssl x509` reads all authorities of the machine whatever it is asked for, which takes ten times as long as the rest of it
  Object.assign(process.env, { TMPDIR: directory, HOME: join(directory, "home"), SSL_CERT_FILE: "/dev/null" });
  process.once("exit", remove);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.once(signal, () => {
      remove();
      process.kill(process.pid, signal);
    });
  }
};
