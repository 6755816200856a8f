import { LABEL } from "../../../constructs/docker/labels";
import type { Docker } from "../../clients/docker/docker";
import { stopAndRemove } from "../../clients/docker/halt";

/** Stops and removes every container of the environment on an engine. */
export function removeContainers(docker: Docker, environment: string): void {
  stopAndRemove(docker, docker.labelled("container", `${LABEL.namespace}=${environment}`), ["--volumes"]);
}

/** Removes what is left of it: networks, and volumes with data and secrets. */
export function removeNetworksAndVolumes(docker: Docker, environment: string): void {
  for (const kind of ["network", "volume"] as const) {
    const found = docker.labelled(kind, `${LABEL.namespace}=${environment}`);
    if (found.length > 0) docker.output([kind, "rm", ...found]);
  }
}
