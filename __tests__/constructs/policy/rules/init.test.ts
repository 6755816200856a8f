import { rule } from "../../../../constructs/policy/rules/init";
import { job, service, testRule } from "../examples";

testRule(rule, {
  keeps: { "a service": service(), "a job": job() },
  breaks: {
    false: [service({ init: false }), "init must be true, got false; set it"],
    nothing: [job({ init: undefined }), "init must be true, got nothing; set it"],
  },
});
