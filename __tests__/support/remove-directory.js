"use strict";
/* Removes the temporary directory of the tests. */
const { rmSync } = require("node:fs");
const { basename } = require("node:path");

module.exports = () => {
  const directory = process.env.TMPDIR ?? "";
  if (basename(directory).startsWith("bs-tests-")) rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
};
