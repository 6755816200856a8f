import type { Check, Finding } from "../check";

export const check: Check = {
  name: "host-steps",
  promise: "the host is as it was hardened: firewall, bans, audit, kernel, SSH, Docker's own settings",
  skip: ({ environment }) => (environment.host === undefined ? "the host is left alone in this environment" : undefined),
  async run({ environment: { name }, hostChecks }): Promise<Finding[]> {
    return hostChecks().flatMap((part) =>
      part.differences.map((difference) => ({ problem: `${part.name}: ${difference}`, remedy: `make it so again: npm run host -- ${name} --apply` })),
    );
  },
};
