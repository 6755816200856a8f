import { LABEL } from "../../../constructs/docker/labels";
import type { Docker } from "../../clients/docker/docker";
import type { Environment } from "../../environment/schema";
import { OperatorError } from "../../system/operator-error";
import { requireFitEngine } from "../deploy/fit-engine";
import { requireIpv6 } from "../deploy/ipv6-engine";
import { CAUSES } from "../doctor/cause";
import { look } from "../doctor/diagnose";
import { fact } from "../doctor/fact";
import type { Facts } from "../doctor/facts";
import { engineFacts, publishedPorts } from "../doctor/facts/engine";
import { hostFacts } from "../doctor/facts/host";

/** Causes of `doctor` that show on a machine before anything is deployed there. */
const ON_A_NEW_MACHINE: readonly string[] = ["access-control", "clock", "disk", "inodes", "memory", "nested", "ports", "processor"];

/** @throws OperatorError when this kind of environment cannot be moved by the command. */
export function requireMovable({ name, host, database, standby, state, wiki }: Environment): void {
  const byHand = (problem: string, remedy: string) => new OperatorError(`${problem}; nothing was changed`, remedy);
  if (host !== undefined) {
    throw byHand(
      `${name} hardens its host, and its secrets are encrypted for that machine`,
      "restore a backup set on the new server: docs/operations/backup-restore.md",
    );
  }
  const otherWay = 'use the steps of docs/operations/update.md, "Move by hand"';
  if (database.external !== undefined) throw byHand(`the database of ${name} is on another server, which the command does not move`, otherWay);
  if (wiki.uploads !== undefined) throw byHand(`the uploads of ${name} are in ${wiki.uploads.path}, which the command does not move`, otherWay);
  if (standby !== undefined) throw byHand(`${name} has a standby, which follows the Docker host that it is on`, `npm run failover -- ${name}`);
  if (state.backend !== "local") throw byHand(`the state of ${name} is in a workspace, which the command does not change`, otherWay);
}

/**
 * Checks the new Docker host as `deploy` and `doctor` do. What could not be looked at is returned, a line each.
 *
 * @throws OperatorError with everything that is against it; nothing has been changed.
 */
export async function requireFitTarget(environment: Environment, from: Docker, to: Docker): Promise<string[]> {
  to.require();
  await requireFitEngine(environment, to);
  requireIpv6(environment, to);
  requireNothingThere(environment, to);
  const engine = await fact(() => engineFacts(to));
  const facts = {
    environment,
    now: new Date(),
    engine,
    host: await fact(() => hostFacts(environment, "value" in engine ? engine.value.DockerRootDir : "/var/lib/docker")),
    published: await fact(() => publishedPorts(to)),
    containers: { value: {} },
  } as Pick<Facts, "environment" | "now" | "engine" | "host" | "published" | "containers"> as Facts;
  const { found, unknown } = look(
    facts,
    CAUSES.filter(({ name }) => ON_A_NEW_MACHINE.includes(name)),
  );
  const against = found.filter(({ mild }) => !mild).map(({ problem, remedy }) => new OperatorError(`the new Docker host: ${problem}`, remedy));
  const [old, other] = [from, to].map((docker) => engineFacts(docker).Architecture);
  if (old !== other) against.push(new OperatorError(`the new Docker host is ${other}, and the old one ${old}`, "restore a backup set on the new server"));
  if (against.length > 0) throw OperatorError.joined(against);
  return [
    ...found.map(({ problem }) => `the new Docker host: ${problem}`),
    ...unknown.map(({ looksAt, reason }) => `not checked on the new Docker host: whether ${looksAt} (${reason})`),
  ];
}

/** Whatever is there would be overwritten, or is the wiki itself under another address. */
function requireNothingThere({ name, docker: { host } }: Environment, to: Docker): void {
  const there = (["container", "volume", "network"] as const).flatMap((kind) =>
    to.labelled(kind, `${LABEL.namespace}=${name}`).map((found) => `${kind} ${found}`),
  );
  if (there.length === 0) return;
  throw new OperatorError(
    `the Docker host ${host} has an environment ${name} already: ${there.slice(0, 3).join(", ")}${there.length > 3 ? ", …" : ""}`,
    "choose another Docker host; if it is an old copy that you do not need, delete its containers, networks and volumes there",
  );
}
