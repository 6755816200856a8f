import type { Cause } from "../cause";
import { isDeployed } from "../facts";

export const cause: Cause = {
  name: "backup-set",
  looksAt: "the newest backup set can be opened",
  likelihood: 20,
  find(facts) {
    const { lastSet, environment } = facts;
    if (!isDeployed(facts)) return undefined;
    if ("unknown" in lastSet) return lastSet.unknown;
    if (lastSet.value === undefined) return [{ problem: "there is no backup set yet", remedy: `npm run backup -- ${environment.name}`, mild: true }];
    if (lastSet.value === "") return [];
    return [
      {
        problem: `the newest backup set cannot be opened: ${lastSet.value}`,
        remedy: `npm run backup -- ${environment.name}   # for an older set: npm run secret -- ${environment.name} backup_passphrase`,
        mild: true,
      },
    ];
  },
};
