import { rule } from "../../../../constructs/policy/rules/no-sensitive-security-opts";
import { configContainer, job, service, testRule } from "../examples";

const message = (option: string) => `security_opts holds "${option}"; leave it out, or name a profile of your own`;

testRule(rule, {
  keeps: {
    "a service": service(),
    "a job": job(),
    "a config container": configContainer(),
    "a profile": service({ security_opts: ["apparmor=docker-default"] }),
  },
  breaks: {
    "no seccomp": [service({ security_opts: ["seccomp=unconfined"] }), message("seccomp=unconfined")],
    "no AppArmor, in the old form": [job({ security_opts: ["no-new-privileges=true", "apparmor:unconfined"] }), message("apparmor:unconfined")],
    "no SELinux": [configContainer({ security_opts: ["label=disable"] }), message("label=disable")],
    "kernel files in sight": [service({ security_opts: ["systempaths=unconfined"] }), message("systempaths=unconfined")],
  },
});
