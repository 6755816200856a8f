import type { EngineCause } from "../cause";

export const cause: EngineCause = {
  name: "docker-rootless",
  looksAt: "Docker runs as root",
  likelihood: 41,
  refusesDeploy: true,
  find({ engine }) {
    if ("unknown" in engine) return engine.unknown;
    if (!(engine.value.SecurityOptions ?? []).some((option) => option.split(",").includes("name=rootless"))) return [];
    return [
      {
        problem: "Docker is rootless: it hides the address of every client, and cannot publish ports below 1024 or set all limits",
        remedy: "name the engine that runs as root in docker.host: unix:///var/run/docker.sock",
      },
    ];
  },
};
