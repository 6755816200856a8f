import type { Check } from "../check";
import { differences } from "../container-differences";

export const check: Check = {
  name: "container-settings",
  promise: "each container has the user, limits, capabilities, mounts, ports and networks of the plan, and nothing beyond",
  async run({ environment: { name }, services, inside }) {
    const inspected = await inside.inspect(services.map((service) => service.name));
    return services.flatMap((service) => {
      const found = inspected.find(({ Name }) => Name === `/${service.name}`);
      if (found === undefined) return [{ problem: `${service.service} is not there`, remedy: `npm run deploy -- ${name}` }];
      return differences(service, found).map((difference) => ({
        problem: `${service.service}: ${difference}`,
        remedy: `find who changed it; docker rm --force ${service.name}, then npm run deploy -- ${name}`,
      }));
    });
  },
};
