#!/usr/bin/env node
"use strict";
/*
 * Starts a command of this repository: installs missing or changed packages, then starts TypeScript in the
 * same process.
 */
const { ensureInstalled, explainBrokenPackages } = require("./install.js");

const FOR_DEVELOPERS = ["test", "level"];

ensureInstalled(FOR_DEVELOPERS.includes(process.argv[2]));
explainBrokenPackages();
require("./preload.js");
require("./typescript.js");
require("./main.ts").start();
