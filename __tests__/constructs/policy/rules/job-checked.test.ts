import { rule } from "../../../../constructs/policy/rules/job-checked";
import { job, testRule } from "../examples";

const unchecked = "lifecycle.postcondition must ask for self.exit_code == 0, got nothing of the kind; a failed job counts as done otherwise";

testRule(rule, {
  keeps: { "a job": job(), "more conditions": job({ lifecycle: { postcondition: [{ condition: "${self.exit_code == 0 && true}" }] } }) },
  breaks: {
    "one without wait": [job({ attach: false }), "attach must be true, got false; Terraform does not wait for the end otherwise"],
    "one that has to run": [job({ must_run: undefined }), "must_run must be false, got nothing; the provider deletes an ended job at the next plan otherwise"],
    "one that may fail": [job({ lifecycle: undefined }), unchecked],
    "one that has to fail": [job({ lifecycle: { postcondition: [{ condition: "${self.exit_code == 1}" }] } }), unchecked],
  },
});
