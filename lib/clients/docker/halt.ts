import { RESTART_POLICY } from "../../../constructs/docker/labels";
import type { Docker } from "./docker";
import { inTurns } from "./in-turns";

/** Seconds that a container may take to end; MySQL must flush its memory. */
const STOP_SECONDS = 120;

/** Stops a service until `resume`: the restart policy alone would start it when the engine or the host is restarted meanwhile. */
export function halt(docker: Pick<Docker, "output" | "patiently">, container: string): void {
  docker.output(["update", `--restart=${RESTART_POLICY.job}`, container]);
  docker.patiently(["stop", container]);
}

/** Starts a service that was halted, and gives it back its restart policy. */
export function resume(docker: Pick<Docker, "output">, container: string): void {
  docker.output(["update", `--restart=${RESTART_POLICY.service}`, container]);
  docker.output(["start", container]);
}

/** Stops containers, and removes them; `options` are further ones of `docker rm`. */
export function stopAndRemove(docker: Pick<Docker, "patiently">, containers: readonly string[], options: readonly string[] = []): void {
  inTurns(docker, ["stop", `--time=${STOP_SECONDS}`], containers);
  inTurns(docker, ["rm", "--force", ...options], containers);
}
