import { textsOf } from "../attributes";
import { ALL, type PolicyRule } from "../rule";

const WEAKENING = /^((seccomp|apparmor|systempaths)[=:]unconfined|label[=:]disable)$/;

export const rule: PolicyRule = {
  name: "no-sensitive-security-opts",
  summary: "Docker's default profiles for seccomp, AppArmor and SELinux stay enabled, so that the kernel offers as few system calls as possible",
  kinds: ALL,
  check({ attributes }) {
    return textsOf(attributes, "security_opts")
      .filter((option) => WEAKENING.test(option))
      .map((option) => `security_opts holds "${option}"; leave it out, or name a profile of your own`);
  },
};
