import { blocksOf, shown } from "../attributes";
import { JOBS, type PolicyRule } from "../rule";

const EXIT_CODE = /\bself\.exit_code\s*==\s*0\b/;

export const rule: PolicyRule = {
  name: "job-checked",
  summary: "Terraform waits for a job and fails when the job fails, so that no service starts after an incomplete preparation",
  kinds: JOBS,
  check({ attributes }) {
    const { attach, must_run } = attributes;
    const conditions = blocksOf(attributes, "lifecycle").flatMap((lifecycle) => blocksOf(lifecycle, "postcondition"));
    return [
      ...(attach === true ? [] : [`attach must be true, got ${shown(attach)}; Terraform does not wait for the end otherwise`]),
      ...(must_run === false ? [] : [`must_run must be false, got ${shown(must_run)}; the provider deletes an ended job at the next plan otherwise`]),
      ...(conditions.some(({ condition }) => EXIT_CODE.test(String(condition)))
        ? []
        : ["lifecycle.postcondition must ask for self.exit_code == 0, got nothing of the kind; a failed job counts as done otherwise"]),
    ];
  },
};
