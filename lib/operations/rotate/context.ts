import { createHash } from "node:crypto";
import { SECRETS_DIRECTORY, type SecretDescription } from "../../../constructs/contracts/secret-store";
import { resourceName } from "../../../constructs/docker/resource-name";
import type { Docker } from "../../clients/docker/docker";
import { untilHealthy } from "../../clients/docker/health";
import type { Environment } from "../../environment/schema";
import { OperatorError } from "../../system/operator-error";
import type { RotationStore } from "./store";

/** What the rotation of every kind of secret needs. */
export interface RotationContext {
  readonly environment: Environment;
  readonly docker: Docker;
  readonly store: RotationStore;
  readonly secrets: readonly SecretDescription[];
  readonly say: (line: string) => void;
}

/** How the programs take new values of one kind of secret. Each method can be called again after an interruption. */
export interface Method {
  /** Refuses what would break something that is going on; called before anything is changed. */
  check?(names: readonly string[]): void;
  /** Lets programs accept the new values beside the old ones, as far as they can; the store still has the old ones. */
  prepare?(names: readonly string[]): Promise<void> | void;
  /** Lets the programs that do not do so themselves read the new values; the store has them now. */
  activate(names: readonly string[]): Promise<void>;
  /**
   * Asks the programs whether they accept the new values.
   *
   * @throws OperatorError when one does not.
   */
  verify(names: readonly string[]): Promise<void>;
  /**
   * Makes programs refuse the old values, and asks them whether they do.
   *
   * @throws OperatorError when one does not.
   */
  retire(names: readonly string[]): Promise<void>;
}

/**
 * Makes sure that each running service that reads a secret has the value of the store.
 *
 * @throws OperatorError when one has another.
 */
export function requireDelivered({ environment, docker, store, secrets }: RotationContext, name: string): void {
  const secret = secrets.find((one) => one.name === name);
  const file = secret?.kind === "authority" ? `${name}.crt` : name;
  const sum = createHash("sha256").update(store.read(file)).digest("hex");
  for (const service of secret?.services ?? []) {
    const container = resourceName(environment.name, service);
    if (docker.inspect(container)?.State.Running !== true) continue;
    const seen = docker.output(["exec", container, "sha256sum", `${SECRETS_DIRECTORY}/${file}`]);
    if (!seen.startsWith(sum))
      throw new OperatorError(`${container} does not have the new ${name}`, `npm run rotate -- ${environment.name} ${name}   # continues`);
  }
}

/**
 * Makes sure that a file of a container knows of values that a rotation keeps.
 *
 * @throws OperatorError when a version before deployed it.
 */
export function requireKnowsKept({ environment, docker }: RotationContext, container: string, file: string): void {
  if (docker.attempt(["exec", container, "grep", "-q", "[.]kept[.]", file]).status === 0) return;
  throw new OperatorError(`${container} is of a version that cannot keep old values readable`, `npm run deploy -- ${environment.name}`);
}

/** Seconds that a service may take until it is healthy. */
const HEALTHY_SECONDS = 180;

/** Restarts services of an environment that run, all at once, and waits until they are healthy. */
export async function restart({ environment, docker, say }: RotationContext, services: readonly string[]): Promise<void> {
  const containers = services.map((service) => resourceName(environment.name, service)).filter((name) => docker.inspect(name)?.State.Running === true);
  if (containers.length === 0) return;
  say(`restarts ${containers.join(", ")}`);
  docker.output(["restart", ...containers]);
  for (const name of containers) await waitUntilHealthy(docker, name);
}

/**
 * Waits until a container is healthy.
 *
 * @throws OperatorError when it is not for three minutes.
 */
export async function waitUntilHealthy(docker: Docker, name: string): Promise<void> {
  await untilHealthy(docker, [name], HEALTHY_SECONDS);
}
