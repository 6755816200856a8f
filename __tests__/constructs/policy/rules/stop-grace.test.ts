import { rule } from "../../../../constructs/policy/rules/stop-grace";
import { service, testRule } from "../examples";

const stop = (got: string) => `stop_timeout must be 10 seconds or more, got ${got}; give it time to stop`;
const destroy = (got: string) => `destroy_grace_seconds must be 30 as stop_timeout is, got ${got}; the provider kills at once without it`;

testRule(rule, {
  keeps: { "a service": service(), "a database": service({ stop_timeout: 120, destroy_grace_seconds: 120 }) },
  breaks: {
    nothing: [service({ stop_timeout: undefined, destroy_grace_seconds: undefined }), stop("nothing")],
    "too little": [service({ stop_timeout: 5, destroy_grace_seconds: 5 }), stop("5")],
    "nothing from Terraform": [service({ stop_timeout: 30, destroy_grace_seconds: undefined }), destroy("nothing")],
    "less from Terraform": [service({ stop_timeout: 30, destroy_grace_seconds: 10 }), destroy("10")],
  },
});
