import { RESTART_POLICY } from "../../../constructs/docker/labels";
import type { Docker } from "./docker";
import { inTurns } from "./in-turns";

/** Seconds that a container may take to end; MySQL must flush its memory. */
const STOP_SECONDS = 120;

/** Stops services until `resume`: the restart policy alone would start them when the engine or the host is restarted meanwhile. */
export function halt(docker: Pick<Docker, "output" | "patiently">, ...containers: readonly string[]): void {
  docker.output(["update", `--restart=${RESTART_POLICY.job}`, ...containers]);
  inTurns(docker, ["stop"], containers);
}

/** Starts services that were halted, and gives them back their restart policy. */
export function resume(docker: Pick<Docker, "output">, ...containers: readonly string[]): void {
  docker.output(["update", `--restart=${RESTART_POLICY.service}`, ...containers]);
  docker.output(["start", ...containers]);
}

/** Stops containers, and removes them; `options` are further ones of `docker rm`. */
export function stopAndRemove(docker: Pick<Docker, "patiently">, containers: readonly string[], options: readonly string[] = []): void {
  inTurns(docker, ["stop", `--time=${STOP_SECONDS}`], containers);
  inTurns(docker, ["rm", "--force", ...options], containers);
}
