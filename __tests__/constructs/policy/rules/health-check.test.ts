import { rule } from "../../../../constructs/policy/rules/health-check";
import { service, testRule } from "../examples";

const REMEDY = 'write it like ["CMD", "wget", "-q", "-O", "/dev/null", URL]';

testRule(rule, {
  keeps: { "a service": service(), "a shell's command": service({ healthcheck: { test: ["CMD-SHELL", "thing --health"] } }) },
  breaks: {
    nothing: [service({ healthcheck: undefined }), `healthcheck.test must name a command, got nothing; ${REMEDY}`],
    "one that is switched off": [service({ healthcheck: { test: ["NONE"] } }), `healthcheck.test must name a command, got ["NONE"]; ${REMEDY}`],
    "one without a command": [service({ healthcheck: { test: ["CMD"] } }), `healthcheck.test must name a command, got ["CMD"]; ${REMEDY}`],
    "one without wait": [service({ wait: false }), "wait must be true, got false; or what comes after starts before this is healthy"],
  },
});
