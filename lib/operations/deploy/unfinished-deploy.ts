import { LABEL } from "../../../constructs/docker/labels";
import type { Docker } from "../../clients/docker/docker";
import { stopAndRemove } from "../../clients/docker/halt";
import type { State } from "../../clients/terraform/state";
import { OperatorError } from "../../system/operator-error";
import type { Workspace } from "../workspace";

interface Found {
  readonly id: string;
  readonly name: string;
}

/**
 * Removes containers and networks that an interrupted deploy created but did not record, so that this deploy can create them.
 *
 * Terraform writes a container to the state once it is healthy. A deploy that is killed before leaves one whose name is taken, and
 * every later apply would end with "Conflict". A container belongs to this state when the state knows one of the environment's
 * networks by its id: names of networks and containers share a prefix that is unique on an engine. Config containers come before the
 * networks; they never run, so they are removed in any case.
 *
 * @throws OperatorError when services or jobs belong to another state; nothing is removed.
 */
export function removeUnrecorded({ environment: { name } }: Workspace, docker: Docker, state: State): void {
  const recorded = idsOf(state);
  const networks = docker.identified("network", withLabels({ [LABEL.namespace]: name }));
  const unused = networks.filter(({ id }) => !recorded.has(id));
  const containers = unrecordedContainers(docker, name, recorded);
  if (containers.length > 0 && unused.length === networks.length) {
    const configContainers = new Set(docker.identified("container", withLabels({ [LABEL.namespace]: name, [LABEL.kind]: "carrier" })).map(({ id }) => id));
    const others = containers.filter(({ id }) => !configContainers.has(id));
    if (others.length > 0) throw foreign(name, others);
  }
  remove(docker, containers);
  if (unused.length > 0) docker.output(["network", "rm", ...unused.map(({ id }) => id)]);
}

/** Removes every container of the environment that the state does not know; Terraform cannot remove a volume that one of them uses. */
export function removeUnrecordedContainers(docker: Docker, environment: string, state: State): void {
  remove(docker, unrecordedContainers(docker, environment, idsOf(state)));
}

/** Containers of the stack, without those that a command runs for a while: these have no kind. */
function unrecordedContainers(docker: Docker, environment: string, recorded: ReadonlySet<string>): Found[] {
  return docker.identified("container", withLabels({ [LABEL.namespace]: environment, [LABEL.kind]: undefined })).filter(({ id }) => !recorded.has(id));
}

/** Filters of docker: labels with a value, or with any. */
function withLabels(labels: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(labels).flatMap(([label, value]) => ["--filter", `label=${label}${value === undefined ? "" : `=${value}`}`]);
}

function remove(docker: Docker, containers: readonly Found[]): void {
  if (containers.length === 0) return;
  const ids = containers.map(({ id }) => id);
  process.stdout.write(`Removing containers that the state does not know: ${containers.map(({ name }) => name).join(", ")} …\n`);
  stopAndRemove(docker, ids);
}

function idsOf({ resources }: State): ReadonlySet<string> {
  return new Set(resources.flatMap(({ instances }) => instances.map(({ attributes }) => String(attributes.id))));
}

function foreign(environment: string, containers: readonly Found[]): OperatorError {
  return new OperatorError(
    `the Docker host has containers of "${environment}" that this state does not know: ${containers.map(({ name }) => name).join(", ")}`,
    [
      "use the state file they were deployed with, or choose another name for the environment;",
      `if that state is lost: npm run adopt -- ${environment}   # writes it again from what runs (docs/operations/backup-restore.md)`,
    ].join("\n"),
  );
}
