import type { ContainerConfig } from "@cdktf/provider-docker/lib/container";
import type { ContainerImage } from "./image";

/** Settings of a config container, which never runs: files are uploaded into its volume through it. Lists everything that the engine would set itself. */
export function configContainer(image: ContainerImage): Omit<ContainerConfig, "name"> {
  return {
    image: image.imageId,
    entrypoint: ["true"],
    user: "65534:65534",
    start: false,
    mustRun: false,
    networkMode: "none",
    restart: "no",
    // both, because the engine would add its own default, which shows in every plan
    logDriver: "json-file",
    logOpts: { "max-size": "1m", "max-file": "1" },
    tmpfs: image.covering([]),
  };
}
