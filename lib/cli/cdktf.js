"use strict";
/* What cdktf.json names: writes the stacks of all environments. */
const { ensureInstalled, explainBrokenPackages } = require("./install.js");

ensureInstalled(false);
explainBrokenPackages();
require("./preload.js");
require("./typescript.js");
require("../../main.ts");
