import type { Docker } from "../../clients/docker/docker";
import type { State } from "../../clients/terraform/state";
import { OperatorError } from "../../system/operator-error";

/**
 * Refuses a plan that would create a network which the state records and the engine has.
 *
 * The provider takes any error while it reads a network, such as that of a broken SSH connection, for its removal; an apply would
 * remove every container on it before it fails.
 *
 * @throws OperatorError that names the networks.
 */
export function refuseLostNetworks(changes: ReadonlyMap<string, string>, state: State, docker: Pick<Docker, "identified">): void {
  const created = state.resources.filter(({ type, name }) => type === "docker_network" && changes.get(`${type}.${name}`) === "create");
  if (created.length === 0) return;
  const there = new Set(docker.identified("network", []).map(({ id }) => id));
  const lost = created.flatMap(({ instances }) => instances.map(({ attributes }) => attributes)).filter(({ id }) => there.has(`${id}`));
  if (lost.length === 0) return;
  const names = lost.map(({ name }) => name).join(" and ");
  throw new OperatorError(
    `the plan would create ${names} again, which the engine has: it could not be read`,
    "check the connection to the Docker host, then run the command again",
  );
}
