import { rule } from "../../../../constructs/policy/rules/non-root";
import { job, service, testRule } from "../examples";

testRule(rule, {
  keeps: { "a service": service(), "a job": job(), "any other user": service({ user: "65532:65532" }) },
  breaks: {
    root: [service({ user: "0:0" }), 'user must not be root, got "0:0"; name the image\'s own user, or any other such as "65532:65532"'],
    "root in more digits": [job({ user: "00:1000" }), 'user must not be root, got "00:1000"; name the image\'s own user, or any other such as "65532:65532"'],
    nothing: [service({ user: undefined }), "user must be uid:gid in numbers, got nothing; a name means whatever the image says"],
    "a name": [job({ user: "mysql" }), 'user must be uid:gid in numbers, got "mysql"; a name means whatever the image says'],
    "a user without a group": [service({ user: "1000" }), 'user must be uid:gid in numbers, got "1000"; a name means whatever the image says'],
  },
});
