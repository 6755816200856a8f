import type { Cause, Finding } from "../cause";
import { isDeployed, type Seen } from "../facts";

export const cause: Cause = {
  name: "container-stopped",
  looksAt: "every container runs and is healthy",
  likelihood: 94,
  find(facts) {
    const { containers, services } = facts;
    if ("unknown" in containers) return containers.unknown;
    if (!isDeployed(facts)) return undefined;
    return services.flatMap((name) => {
      const seen = containers.value[name];
      return seen === undefined ? [] : problemsOf(name, seen);
    });
  },
};

function problemsOf(name: string, { running, health, exitCode, oomKilled }: Seen): Finding[] {
  if (oomKilled)
    return [
      {
        problem: `${name} was killed because its memory was full`,
        remedy: `give it more memory in the environment file, then deploy; docker logs --tail 50 ${name}`,
      },
    ];
  if (!running) return [{ problem: `${name} is stopped, with exit code ${exitCode}`, remedy: `docker start ${name}; docker logs --tail 50 ${name}` }];
  return health === undefined || health === "healthy" ? [] : [{ problem: `${name} is ${health}`, remedy: `docker logs --tail 50 ${name}` }];
}
