import { blocksOf, shown, textsOf } from "../attributes";
import { type PolicyRule, SERVICES } from "../rule";

export const rule: PolicyRule = {
  name: "health-check",
  summary: "Docker checks the health of each service and Terraform waits for it, so that a successful deploy means a wiki that answers",
  kinds: SERVICES,
  check({ attributes }) {
    const [healthcheck = {}] = blocksOf(attributes, "healthcheck");
    const [form = "", command = ""] = textsOf(healthcheck, "test");
    const tests = (form === "CMD" || form === "CMD-SHELL") && command !== "";
    return [
      ...(tests ? [] : [`healthcheck.test must name a command, got ${shown(healthcheck.test)}; write it like ["CMD", "wget", "-q", "-O", "/dev/null", URL]`]),
      ...(attributes.wait === true ? [] : [`wait must be true, got ${shown(attributes.wait)}; or what comes after starts before this is healthy`]),
    ];
  },
};
