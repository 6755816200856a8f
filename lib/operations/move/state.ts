import type { State } from "../../clients/terraform/state";

/** The state of a Docker host on which nothing was created yet: what is elsewhere, such as DNS records, stays in it. */
export function movedState(state: State): State {
  return successor({ ...state, resources: state.resources.filter(({ type }) => !type.startsWith("docker_")) }, state);
}

/** `state` with the serial number that Terraform accepts after `current`. */
export function successor(state: State, current: State): State {
  return { ...state, serial: (current.serial ?? 0) + 1 };
}
