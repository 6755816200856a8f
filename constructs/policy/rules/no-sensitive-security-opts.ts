import { textsOf } from "../attributes";
import { ALL, type PolicyRule } from "../rule";

const WEAKENING = /^((seccomp|apparmor|systempaths)[=:]unconfined|label[=:]disable)$/;

export const rule: PolicyRule = {
  name: "no-sensitive-security-opts",
  summary: "seccomp, AppArmor and SELinux keep what Docker gives them by default, so that the kernel offers an intruder no more than it has to",
  kinds: ALL,
  check({ attributes }) {
    return textsOf(attributes, "security_opts")
      .filter((option) => WEAKENING.test(option))
      .map((option) => `security_opts holds "${option}"; leave it out, or name a profile of your own`);
  },
};
