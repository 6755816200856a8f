import type { Docker } from "../../clients/docker/docker";
import type { Environment } from "../../environment/schema";
import { OperatorError } from "../../system/operator-error";
import { CAUSES } from "../doctor/cause";
import { diagnose } from "../doctor/diagnose";
import { type Fact, fact } from "../doctor/fact";
import { engineFacts } from "../doctor/facts/engine";

const NOT_LOOKED_AT: Fact<never> = { unknown: "not looked at" };

/**
 * Makes sure that this project runs on the engine at all, as far as the engine says what it is.
 *
 * @throws OperatorError with every reason against it, and its remedy.
 */
export async function requireFitEngine(environment: Environment, docker: Docker): Promise<void> {
  const facts = {
    environment,
    now: new Date(),
    engine: await fact(() => engineFacts(docker)),
    host: NOT_LOOKED_AT,
    containers: NOT_LOOKED_AT,
    services: [],
    volumes: NOT_LOOKED_AT,
    published: NOT_LOOKED_AT,
    state: NOT_LOOKED_AT,
    ids: NOT_LOOKED_AT,
    addresses: [],
    images: NOT_LOOKED_AT,
    lastSet: NOT_LOOKED_AT,
  };
  const { found } = diagnose(
    facts,
    CAUSES.filter(({ refusesDeploy }) => refusesDeploy),
  );
  const against = found.filter(({ mild }) => !mild);
  if (against.length > 0) throw OperatorError.joined(against.map(({ problem, remedy }) => new OperatorError(problem, remedy)));
}
