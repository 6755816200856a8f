import { plannedContainers } from "../../../constructs/policy/check";
import type { Docker } from "../../clients/docker/docker";
import { resume } from "../../clients/docker/halt";
import { untilHealthy } from "../../clients/docker/health";
import type { WikiStack } from "../../stack/wiki-stack";

/** Seconds that a service may take until it is healthy. */
const HEALTHY_SECONDS = 300;

/** Names of the services of a stack. */
export function servicesOf(stack: WikiStack): string[] {
  return plannedContainers(stack).flatMap(({ name, kind }) => (kind === "service" ? [name] : []));
}

/** Starts those of the services that exist and were stopped, and waits until they are healthy. */
export async function startStopped(docker: Docker, services: readonly string[]): Promise<void> {
  const stopped = services.filter((service) => docker.inspect(service)?.State.Running === false);
  for (const service of stopped) resume(docker, service);
  await untilHealthy(docker, stopped, HEALTHY_SECONDS);
}
