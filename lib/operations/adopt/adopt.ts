import { LABEL } from "../../../constructs/docker/labels";
import type { Docker } from "../../clients/docker/docker";
import { actionsOf, managedResources, type Plan, type PlannedChange } from "../../clients/terraform/plan";
import type { State } from "../../clients/terraform/state";
import { OperatorError } from "../../system/operator-error";
import { withTemporaryDirectory } from "../../system/temporary";
import { hostChecks } from "../host/checks";
import { providedSecrets, storedSecrets } from "../secrets/secret-store";
import type { Tools } from "../tools";
import type { Workspace } from "../workspace";
import { findContainers } from "./containers";
import { Engine } from "./engine";
import { adoptedOf, leftOf } from "./found";
import { type DoneSteps, findFoundation, findOutdatedFiles } from "./foundation";
import { Scratch } from "./scratch";
import { type Adopted, type StateFile, stateFile } from "./state-file";

/** What was adopted, and what the next plan does about the rest. */
export interface Adoption {
  readonly state: StateFile;
  /** Number of adopted resources by type. */
  readonly counts: ReadonlyMap<string, number>;
  /** What is not in the state, one sentence each. */
  readonly left: readonly string[];
  /** What differs from the environment, one sentence each: the next plan replaces or changes it. */
  readonly differing: readonly string[];
  /** Terraform's address → what the next plan does. */
  readonly changes: ReadonlyMap<string, string>;
}

/**
 * A state of what runs, made beside the real one. Changes nothing on the Docker host.
 *
 * The provider cannot import a container: it does not read variables, labels, networks and files back, and would replace every one. The
 * state is written from the plan instead, with the ids of what runs, after these settings were compared; the rest Terraform reads itself.
 *
 * @throws OperatorError when nothing of the environment is there, or Terraform fails.
 */
export function adopt(workspace: Workspace, { terraform, docker }: Tools): Adoption {
  const { environment, directory } = workspace;
  if (docker.labelled("container", `${LABEL.namespace}=${environment.name}`).length === 0) {
    throw new OperatorError(
      `${environment.docker.host} has no container of ${environment.name}; there is nothing to adopt`,
      `npm run deploy -- ${environment.name}`,
    );
  }
  const engine = new Engine(docker, environment.name);
  return withTemporaryDirectory((path) => {
    const scratch = new Scratch(path, directory, terraform);
    const first = scratch.terraform.wholePlan();
    const foundation = findFoundation(managedResources(first), environment.name, engine, doneSteps(workspace));
    scratch.write(stateFile(first.terraform_version, adoptedOf(foundation)));
    // with their ids, the plan knows every setting of the containers
    const planned = managedResources(scratch.terraform.wholePlan());
    const containers = findContainers(planned, environment.name, engine);
    const all = [...adoptedOf(foundation), ...adoptedOf(containers), ...adoptedOf(findOutdatedFiles(planned, engine))];
    scratch.write(stateFile(first.terraform_version, all));
    scratch.terraform.refresh();
    const plan = scratch.terraform.wholePlan(["-refresh=false"]);
    requireDataKept(plan);
    const state = scratch.read();
    return {
      state,
      counts: countsOf(state),
      left: [...leftOf([...foundation, ...containers]), ...unplanned(docker, environment.name, managedResources(plan))],
      differing: differing(plan, all),
      changes: actionsOf(plan),
    };
  });
}

/**
 * Makes sure that the state is empty.
 *
 * @throws OperatorError otherwise.
 */
export function requireEmptyState({ environment: { name } }: Workspace, state: State): void {
  const managed = state.resources.filter(({ mode }) => mode !== "data").length;
  if (managed === 0) return;
  throw new OperatorError(
    `the state of ${name} is not lost: it has ${managed} ${managed === 1 ? "resource" : "resources"}; nothing was adopted`,
    `npm run plan -- ${name}   # shows what differs; if it is the state of another wiki, move terraform.${name}.tfstate away first`,
  );
}

function doneSteps(workspace: Workspace): DoneSteps {
  const { stack, environment } = workspace;
  const provided = providedSecrets(stack);
  const stored = provided.length === 0 ? [] : storedSecrets(environment).names();
  return {
    parts: new Map(hostChecks(workspace).map(({ name, differences }) => [stack.host?.address(name) ?? name, differences])),
    secretsStored: provided.every((name) => stored.includes(name)),
  };
}

/** @throws OperatorError when the plan would delete a data volume: data stay in any case. */
function requireDataKept({ resource_changes: changes = [] }: Plan): void {
  const deleted = changes.filter(({ type, change }) => type === "docker_volume" && change.actions.includes("delete") && isData(change));
  if (deleted.length === 0) return;
  throw new OperatorError(
    `nothing was adopted: the next deploy would delete ${deleted.map(({ change }) => `the volume ${change.before?.name}`).join(" and ")}`,
    "its driver or options are not those that the environment describes; copy its data to a volume of the same name without options",
  );
}

function isData({ before }: PlannedChange["change"]): boolean {
  const labels = (before?.labels ?? []) as readonly { readonly label: string; readonly value: string }[];
  return labels.some(({ label, value }) => label === LABEL.kind && value === "data");
}

function countsOf({ resources }: StateFile): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { mode, type, instances } of resources) if (mode !== "data") counts.set(type, (counts.get(type) ?? 0) + instances.length);
  return counts;
}

/** Containers of the environment that the plan does not want: the next deploy removes them. */
function unplanned(
  docker: Docker,
  namespace: string,
  planned: readonly { readonly type: string; readonly values: Readonly<Record<string, unknown>> }[],
): string[] {
  const wanted = new Set(planned.filter(({ type }) => type === "docker_container").map(({ values }) => values.name));
  return docker
    .identified("container", ["--filter", `label=${LABEL.namespace}=${namespace}`, "--filter", `label=${LABEL.kind}=service`])
    .filter(({ name }) => !wanted.has(name))
    .map(({ name }) => `container ${name} is not part of the environment any more`);
}

/** Why the plan replaces or changes what was adopted: a setting that was compared here, or attributes that Terraform found to differ. */
function differing({ resource_changes: changes = [] }: Plan, all: readonly Adopted[]): string[] {
  return changes.flatMap(({ address, type, change }) => {
    const { actions, before, after, replace_paths: paths = [] } = change;
    if (before === null || after === null || actions.includes("no-op")) return [];
    const name = `${type.replace(/^docker_/, "")} ${before.name ?? address}`;
    const compared = all.find(({ resource }) => resource.address === address)?.differences ?? [];
    const attributes = paths.map(([attribute]) => String(attribute));
    return [`${name}: ${compared.length > 0 ? compared.join("; ") : [...new Set(attributes)].join(", ") || "settings that can be changed in place"}`];
  });
}
