import { LABEL } from "../../../constructs/docker/labels";

/** A Terraform state, as far as it is read here. */
export interface State {
  readonly lineage?: string;
  readonly serial?: number;
  readonly resources: readonly StateResource[];
}

export interface StateResource {
  readonly mode?: string;
  readonly type: string;
  readonly name: string;
  readonly instances: readonly { readonly attributes: Readonly<Record<string, unknown>> }[];
}

/** Addresses of jobs that are not known to have succeeded: Terraform has them in its state, but they have to run again. */
export function failedJobs(state: State): string[] {
  return managed(state)
    .filter((resource) => resource.type === "docker_container" && label(resource, LABEL.kind) === "job")
    .filter(({ instances }) => instances.some(({ attributes }) => attributes.exit_code !== 0))
    .map(address);
}

/** Arguments that rerun failed jobs with unchanged settings. */
export function rerunFailedJobs(state: State): string[] {
  return failedJobs(state).map((address) => `-replace=${address}`);
}

/** Addresses of everything but the volumes that hold data, and what was done to the host unless that is given up, too. */
export function disposable(state: State, host = false): string[] {
  return managed(state)
    .filter(({ type }) => host || type !== "null_resource")
    .filter((resource) => !(resource.type === "docker_volume" && label(resource, LABEL.kind) === "data"))
    .map(address);
}

function managed({ resources }: State): StateResource[] {
  return resources.filter(({ mode }) => mode === undefined || mode === "managed");
}

function address({ type, name }: StateResource): string {
  return `${type}.${name}`;
}

function label({ instances }: StateResource, name: string): string | undefined {
  const labels = (instances[0]?.attributes.labels ?? []) as readonly { label: string; value: string }[];
  return labels.find(({ label: candidate }) => candidate === name)?.value;
}
