import type { Docker } from "../../clients/docker/docker";
import type { Environment } from "../../environment/schema";
import { OperatorError } from "../../system/operator-error";
import { ENGINE_CAUSES } from "../doctor/cause";
import { look } from "../doctor/diagnose";
import { fact } from "../doctor/fact";
import { engineFacts } from "../doctor/facts/engine";

/**
 * Makes sure that this project runs on the engine at all, as far as the engine says what it is.
 *
 * @throws OperatorError with every reason against it, and its remedy.
 */
export async function requireFitEngine(environment: Environment, docker: Docker): Promise<void> {
  const engine = await fact(() => engineFacts(docker));
  const against = look({ environment, engine }, ENGINE_CAUSES).found.filter(({ mild }) => !mild);
  if (against.length > 0) throw OperatorError.joined(against.map(({ problem, remedy }) => new OperatorError(problem, remedy)));
}
