import { type Check, type Finding, unknown } from "../check";

export const check: Check = {
  name: "host-parts",
  promise: "the hardened host has no drift: firewall, bans, audit, kernel, SSH, Docker's settings",
  skip: ({ environment }) => (environment.host === undefined ? "this environment does not configure the host" : undefined),
  async run({ environment: { name }, hostChecks }): Promise<Finding[]> {
    const parts = hostChecks();
    if (parts.length === 0) throw new Error("no part of the host answers");
    return parts.flatMap((part) =>
      part.differences.map((difference) => {
        const problem = `${part.name}: ${difference}`;
        return part.unknown ? unknown(problem, `npm run host -- ${name}`) : { problem, remedy: `apply it again: npm run host -- ${name} --apply` };
      }),
    );
  },
};
