#!/usr/bin/env node
"use strict";
/*
 * Starts a command of this repository: installs the packages when they are missing or others, then hands over to TypeScript in the
 * same process.
 */
const { ensureInstalled, explainBrokenPackages } = require("./install.js");

const FOR_DEVELOPERS = ["test", "level"];

ensureInstalled(FOR_DEVELOPERS.includes(process.argv[2]));
explainBrokenPackages();
require("./preload.js");
require("./typescript.js");
require("./main.ts").start();
