import type { Cause } from "../cause";

export const cause: Cause = {
  name: "job-failed",
  looksAt: "every job of the last deploy succeeded",
  likelihood: 92,
  find({ containers, environment }) {
    if ("unknown" in containers) return containers.unknown;
    return Object.entries(containers.value)
      .filter(([, { kind, running, exitCode }]) => kind === "job" && !running && exitCode !== 0)
      .map(([name, { exitCode }]) => ({
        problem: `the job ${name} failed with exit code ${exitCode}`,
        remedy: `docker logs --tail 20 ${name}; npm run deploy -- ${environment.name}`,
      }));
  },
};
