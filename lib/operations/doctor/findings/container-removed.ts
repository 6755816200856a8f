import type { Cause } from "../cause";
import { isDeployed } from "../facts";

export const cause: Cause = {
  name: "container-removed",
  looksAt: "no container of the wiki was removed",
  likelihood: 95,
  find(facts) {
    const { containers, services, environment } = facts;
    if ("unknown" in containers) return containers.unknown;
    if (!isDeployed(facts)) return undefined;
    return services
      .filter((name) => containers.value[name] === undefined)
      .map((name) => ({
        problem: `the container ${name} is not there; it was removed, or a deploy did not end`,
        remedy: `npm run deploy -- ${environment.name}`,
      }));
  },
};
