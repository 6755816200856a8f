import { LABEL } from "../../../constructs/docker/labels";
import type { Docker } from "../../clients/docker/docker";
import { inTurns } from "../../clients/docker/in-turns";

/** Seconds that a container may take to end; MySQL must flush its memory. */
const STOP_SECONDS = 120;

/** Stops and removes every container of the environment on an engine. */
export function removeContainers(docker: Docker, environment: string): void {
  const containers = docker.labelled("container", `${LABEL.namespace}=${environment}`);
  if (containers.length === 0) return;
  inTurns(docker, ["stop", `--time=${STOP_SECONDS}`], containers);
  inTurns(docker, ["rm", "--force", "--volumes"], containers);
}

/** Removes what is left of it: networks, and volumes with data and secrets. */
export function removeNetworksAndVolumes(docker: Docker, environment: string): void {
  for (const kind of ["network", "volume"] as const) {
    const found = docker.labelled(kind, `${LABEL.namespace}=${environment}`);
    if (found.length > 0) docker.output([kind, "rm", ...found]);
  }
}
