import type { Docker } from "./docker";

/** What docker gets at once: it opens a connection for each, and an SSH server refuses many that begin at the same time. */
const AT_ONCE = 3;

/**
 * Runs a command of docker that takes any number of containers, such as `stop`, for a few of them at a time.
 *
 * @throws OperatorError when it fails for one of them.
 */
export function inTurns(docker: Pick<Docker, "patiently">, command: readonly string[], containers: readonly string[]): void {
  for (let first = 0; first < containers.length; first += AT_ONCE) docker.patiently([...command, ...containers.slice(first, first + AT_ONCE)]);
}
