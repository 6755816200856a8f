import { loadEnvironment } from "../../environment/load";
import type { Environment } from "../../environment/schema";
import { standbyName } from "../../environment/standby";
import { OperatorError } from "../../system/operator-error";
import { activeName } from "./roles";

/** The two hosts of a wiki, each as an environment. */
export interface Pair {
  /** Name of the environment file. */
  readonly name: string;
  /** The one that is written to. */
  readonly active: Environment;
  /** The one that follows. */
  readonly following: Environment;
}

/** @throws OperatorError when the environment has no standby. */
export function loadPair(name: string, directory: string | undefined): Pair {
  const first = loadEnvironment(name, directory);
  if (first.standby === undefined)
    throw new OperatorError(`${name} has no standby`, "add the block standby to the environment file; docs/operations/standby.md");
  const second = loadEnvironment(standbyName(name), directory);
  const [active, following] = activeName(name) === name ? [first, second] : [second, first];
  return { name, active, following };
}
