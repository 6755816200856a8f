import { RESTART_POLICY } from "../../../constructs/docker/labels";
import type { Docker } from "../../clients/docker/docker";
import { untilHealthy } from "../../clients/docker/health";
import { inTurns } from "../../clients/docker/in-turns";

/** Seconds that the services may take until they are healthy again. */
const HEALTHY_SECONDS = 300;

/** Stops all services at once, the first one of the list last, so that no restart of the engine starts them again. */
export function stopServices(docker: Docker, services: readonly string[]): void {
  const there = services.filter((service) => docker.inspect(service) !== undefined);
  const [database = "", ...others] = there;
  docker.output(["update", `--restart=${RESTART_POLICY.job}`, ...there]);
  inTurns(docker, ["stop"], others);
  docker.patiently(["stop", database]);
}

/** Starts them again, as often as one likes. */
export async function startServices(docker: Docker, services: readonly string[]): Promise<void> {
  docker.output(["update", `--restart=${RESTART_POLICY.service}`, ...services]);
  const stopped = services.filter((service) => docker.inspect(service)?.State.Running !== true);
  if (stopped.length > 0) docker.output(["start", ...stopped]);
  await untilHealthy(docker, services, HEALTHY_SECONDS);
}
