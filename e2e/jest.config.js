const base = require("../jest.config.js");

/** Levels that need more than Node: one file each, named after the level. */
module.exports = { ...base, rootDir: "..", roots: ["<rootDir>/e2e"], testTimeout: 900_000 };
