"use strict";
/*
 * Keeps CDK for Terraform from recording where each token was created: formatting those stack traces takes more time than the rest of
 * a synthesis, and only its own error messages show them.
 */
require("cdktf/lib/tokens/private/stack-trace").captureStackTrace = () => [];
