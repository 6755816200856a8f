const { availableParallelism } = require("node:os");
const { join } = require("node:path");

// the compiler of the tests unpacks itself into the user's cache otherwise
process.env.SWC_NATIVE_BINDING_CACHE ??= join(__dirname, "node_modules/.cache/swc");

/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "<rootDir>/__tests__/support/jest-environment.js",
  runtime: "<rootDir>/__tests__/support/jest-runtime.js",
  // with the sources: jest finds the tests that import a changed one
  roots: ["__tests__", "lib", "tools", "constructs", "examples"].map((directory) => `<rootDir>/${directory}`),
  // one more than processors, at least: scripts under test wait for a time limit or a certificate now and then
  maxWorkers: availableParallelism() + 1,
  setupFiles: ["<rootDir>/lib/cli/creation-stacks.js"],
  testMatch: ["**/*.test.ts"],
  // nothing is written outside of the checkout, and nothing stays in the system's temporary directory
  cacheDirectory: "<rootDir>/node_modules/.cache/jest",
  globalSetup: "<rootDir>/__tests__/support/own-directory.js",
  globalTeardown: "<rootDir>/__tests__/support/remove-directory.js",
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022", keepClassNames: true }, module: { type: "commonjs" } }],
  },
  // examples import the library as another repository does
  moduleNameMapper: { "^secure-bookstack-constructs/(.*)$": "<rootDir>/constructs/$1" },
  moduleFileExtensions: ["ts", "js", "json", "node"],
};
