import { rule } from "../../../../constructs/policy/rules/read-only-root";
import { job, service, testRule } from "../examples";

testRule(rule, {
  keeps: { "a service": service(), "a job": job() },
  breaks: {
    false: [service({ read_only: false }), "read_only must be true, got false; mount a volume or a tmpfs where the program has to write"],
    nothing: [job({ read_only: undefined }), "read_only must be true, got nothing; mount a volume or a tmpfs where the program has to write"],
  },
});
