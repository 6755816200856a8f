import { volumeName } from "../../../stack/names";
import type { Cause } from "../cause";
import { isDeployed } from "../facts";

export const cause: Cause = {
  name: "volume-removed",
  looksAt: "the volumes of secrets and of the database are there",
  likelihood: 60,
  find(facts) {
    const { volumes, environment } = facts;
    if ("unknown" in volumes) return volumes.unknown;
    if (!isDeployed(facts)) return undefined;
    const { name, database, host } = environment;
    const needed = [...(database.external ? [] : [volumeName(name, "database")]), ...(host ? [] : [volumeName(name, "secrets")])];
    return needed
      .filter((name) => !volumes.value.includes(name))
      .map((name) => ({
        problem: `the volume ${name} is not there; it was removed, for example by docker system prune --volumes`,
        remedy: `npm run deploy -- ${environment.name}, then npm run restore -- ${environment.name} latest`,
      }));
  },
};
