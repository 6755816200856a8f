import { type Check, unknown } from "../check";

export const check: Check = {
  name: "container-health",
  promise: "every container runs and is healthy",
  async run({ environment: { name }, services, inside }) {
    const inspected = await inside.inspect(services.map((service) => service.name));
    return services.flatMap((service) => {
      const state = inspected.find(({ Name }) => Name === `/${service.name}`)?.State;
      if (state === undefined || !state.Running)
        return [{ problem: `${service.service} does not run`, remedy: `docker logs ${service.name}, then npm run deploy -- ${name}` }];
      const status = state.Health?.Status ?? "without a health check";
      if (status === "starting")
        return [
          unknown(`${service.service} is starting`, `wait a minute, then npm run verify -- ${name}; if it is still starting, docker logs ${service.name}`),
        ];
      return status === "healthy" ? [] : [{ problem: `${service.service} is ${status}`, remedy: `docker logs ${service.name}` }];
    });
  },
};
