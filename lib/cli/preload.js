"use strict";
/*
 * Loads the large packages before tsx is there: it takes apart whatever is loaded after it, and these are plain JavaScript already.
 * A third of the time that a synthesis takes.
 */
require("./creation-stacks.js");
for (const ready of ["cdktf", "zod", "yaml"]) require(ready);
for (const part of ["container", "image", "network", "provider", "volume"]) require(`@cdktf/provider-docker/lib/${part}`);
