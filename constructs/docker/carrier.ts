import type { ContainerConfig } from "@cdktf/provider-docker/lib/container";
import type { ContainerImage } from "./image";

/** How a container is made that never runs: files get into its volume by it. Everything stands here that the engine would fill in by itself. */
export function carrier(image: ContainerImage): Omit<ContainerConfig, "name"> {
  return {
    image: image.imageId,
    entrypoint: ["true"],
    user: "65534:65534",
    start: false,
    mustRun: false,
    networkMode: "none",
    restart: "no",
    // both: the engine would add a default of its own, which shows in every plan
    logDriver: "json-file",
    logOpts: { "max-size": "1m", "max-file": "1" },
    tmpfs: image.covering([]),
  };
}
