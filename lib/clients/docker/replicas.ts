import { OperatorError } from "../../system/operator-error";
import { waitFor } from "../../system/wait";
import type { Docker } from "./docker";

/** Seconds that all replicas together may take to finish their requests and stop. */
const STOP_SECONDS = 120;
/** Seconds that a replica may take until it runs, which means that it is healthy. */
const START_SECONDS = 300;

/** Number of replicas that a service of a cluster is to have; nothing when there is no such service. */
export function replicasOf(docker: Pick<Docker, "attempt">, service: string): number | undefined {
  const { status, output } = docker.attempt(["service", "inspect", "--format", "{{.Spec.Mode.Replicated.Replicas}}", service]);
  return status === 0 ? Number(output) : undefined;
}

/**
 * Stops all replicas and waits until none runs: one that still wrote would write to what is replaced.
 *
 * @throws OperatorError when one does not stop; as many as before are started again.
 */
export async function haltReplicas(docker: Pick<Docker, "output" | "attempt">, service: string): Promise<void> {
  const replicas = replicasOf(docker, service);
  docker.output(["service", "scale", "--detach", `${service}=0`]);
  const running = () => /^(Running|Starting|Ready|Preparing)/m.test(docker.output(["service", "ps", "--format", "{{.CurrentState}}", service]));
  const problem = new OperatorError(
    `a replica of ${service} does not stop`,
    `docker service ps ${service}   # shows on which node; start that node again, or remove it`,
  );
  try {
    await waitFor(() => !running(), STOP_SECONDS, problem);
  } catch (error) {
    if (replicas) resumeReplicas(docker, service, replicas);
    throw error;
  }
}

/** Starts as many replicas as before. */
export function resumeReplicas(docker: Pick<Docker, "output">, service: string, replicas: number): void {
  docker.output(["service", "scale", "--detach", `${service}=${replicas}`]);
}

/**
 * Waits until as many replicas run as there are to be: for Terraform a change of a service can end while one is still starting.
 *
 * @throws OperatorError when one does not run after 300 seconds.
 */
export async function untilReplicasRun(docker: Pick<Docker, "output" | "attempt">, service: string): Promise<void> {
  const states = () => docker.output(["service", "ps", "--filter", "desired-state=running", "--format", "{{.CurrentState}}", service]);
  const running = () => states().match(/^Running/gm)?.length ?? 0;
  const problem = new OperatorError(`not every replica of ${service} runs`, `docker service ps ${service}   # shows which one, and why`);
  await waitFor(() => running() === replicasOf(docker, service), START_SECONDS, problem);
}
