const base = require("../jest.config.js");

/** Levels that need more than Node: one file each, named after the level. */
const { globalSetup, globalTeardown, ...unit } = base;
module.exports = { ...unit, rootDir: "..", roots: ["<rootDir>/e2e"], testTimeout: 900_000 };
