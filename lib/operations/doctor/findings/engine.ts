import type { Cause } from "../cause";

export const cause: Cause = {
  name: "engine",
  looksAt: "the Docker engine answers",
  likelihood: 100,
  find({ engine, environment }) {
    if ("value" in engine) return [];
    return [{ problem: engine.unknown, remedy: `docker -H ${environment.docker.host} version   # must answer; on the host: sudo systemctl start docker` }];
  },
};
