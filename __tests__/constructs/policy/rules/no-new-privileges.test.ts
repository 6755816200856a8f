import { rule } from "../../../../constructs/policy/rules/no-new-privileges";
import { job, service, testRule } from "../examples";

testRule(rule, {
  keeps: {
    "a service": service(),
    "the bare word": job({ security_opts: ["no-new-privileges"] }),
    "other options beside it": service({ security_opts: ["apparmor=docker-default", "no-new-privileges=true"] }),
  },
  breaks: {
    nothing: [service({ security_opts: undefined }), 'security_opts must hold "no-new-privileges=true", got nothing; add it'],
    "only other options": [
      job({ security_opts: ["apparmor=docker-default"] }),
      'security_opts must hold "no-new-privileges=true", got ["apparmor=docker-default"]; add it',
    ],
    "one that is taken back": [
      service({ security_opts: ["no-new-privileges=true", "no-new-privileges=false"] }),
      'security_opts must hold "no-new-privileges=true", got ["no-new-privileges=true","no-new-privileges=false"]; add it',
    ],
  },
});
