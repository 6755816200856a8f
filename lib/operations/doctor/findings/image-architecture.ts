import type { EngineCause } from "../cause";

const ARM64 = ["aarch64", "arm64"];

export const cause: EngineCause = {
  name: "image-architecture",
  looksAt: "the images are made for the processor of the Docker host",
  likelihood: 54,
  refusesDeploy: true,
  find({ engine, environment }) {
    if ("unknown" in engine) return engine.unknown;
    const { Architecture } = engine.value;
    // every other default image is published for arm64 as well
    if (!ARM64.includes(Architecture) || environment.images.bookstack !== undefined) return [];
    return [
      {
        problem: `the Docker host is ${Architecture}, and the default image of BookStack exists for amd64 alone`,
        remedy: "name an image in images.bookstack that is built for arm64, or use an amd64 machine",
      },
    ];
  },
};
