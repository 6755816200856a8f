import { OperatorError } from "../../system/operator-error";
import { waitFor } from "../../system/wait";
import type { Docker } from "./docker";

/** Whether the health check of a container succeeds; a container that is not there is not healthy. */
export function isHealthy(docker: Pick<Docker, "inspect">, name: string): boolean {
  return docker.inspect(name)?.State.Health?.Status === "healthy";
}

/**
 * Waits until each of these containers is healthy, `seconds` for all of them together.
 *
 * @throws OperatorError that names the first one which is not.
 */
export async function untilHealthy(docker: Pick<Docker, "inspect">, names: readonly string[], seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (const name of names) {
    const problem = new OperatorError(`${name} does not become healthy`, `docker logs --tail 50 ${name}`);
    await waitFor(() => isHealthy(docker, name), (deadline - Date.now()) / 1000, problem);
  }
}
