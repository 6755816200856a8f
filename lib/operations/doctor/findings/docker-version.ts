import type { EngineCause } from "../cause";

const LEAST = [20, 10] as const;

export const cause: EngineCause = {
  name: "docker-version",
  looksAt: "Docker is recent enough",
  likelihood: 45,
  refusesDeploy: true,
  find({ engine }) {
    if ("unknown" in engine) return engine.unknown;
    const { ServerVersion } = engine.value;
    const [major = Number.NaN, minor = 0] = ServerVersion.split(".").map(Number);
    if (Number.isNaN(major)) return `the version ${ServerVersion} cannot be read`;
    if (major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])) return [];
    return [
      { problem: `Docker is ${ServerVersion}; ${LEAST.join(".")} or later is needed`, remedy: "install a later one: https://docs.docker.com/engine/install/" },
    ];
  },
};
