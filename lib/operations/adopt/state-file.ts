import { randomUUID } from "node:crypto";
import type { PlannedResource } from "../../clients/terraform/plan";

/** A state as Terraform stores it, in version 4 of its format. */
export interface StateFile {
  readonly version: 4;
  readonly terraform_version: string;
  readonly serial: number;
  readonly lineage: string;
  readonly outputs: object;
  readonly resources: readonly StoredResource[];
}

interface StoredResource {
  readonly mode: string;
  readonly type: string;
  readonly name: string;
  readonly provider: string;
  readonly instances: readonly StoredInstance[];
}

interface StoredInstance {
  readonly index_key?: string;
  /** `tainted`: the next plan replaces it. */
  readonly status?: "tainted";
  readonly schema_version: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Something of the Docker host, as the resource of the plan that it is. */
export interface Adopted {
  readonly resource: PlannedResource;
  /** Attributes that no plan knows, such as the id. */
  readonly known: Readonly<Record<string, unknown>>;
  /** In what it is not what the plan wants; empty if it is. */
  readonly differences: readonly string[];
}

/** A state that knows `adopted` and nothing else. What differs is marked, so that the next plan replaces it. */
export function stateFile(terraformVersion: string, adopted: readonly Adopted[]): StateFile {
  const byAddress = new Map<string, Adopted[]>();
  for (const one of adopted) {
    const address = `${one.resource.type}.${one.resource.name}`;
    byAddress.set(address, [...(byAddress.get(address) ?? []), one]);
  }
  return {
    version: 4,
    terraform_version: terraformVersion,
    serial: 1,
    lineage: randomUUID(),
    outputs: {},
    resources: [...byAddress.values()].flatMap((instances) => stored(instances)),
  };
}

function stored(instances: readonly Adopted[]): StoredResource[] {
  const [first] = instances;
  if (first === undefined) return [];
  const { mode, type, name, provider_name: provider } = first.resource;
  return [{ mode, type, name, provider: `provider["${provider}"]`, instances: instances.map(instance) }];
}

function instance({ resource, known, differences }: Adopted): StoredInstance {
  return {
    ...(resource.index === undefined ? {} : { index_key: resource.index }),
    ...(differences.length === 0 ? {} : { status: "tainted" as const }),
    schema_version: resource.schema_version,
    attributes: { ...resource.values, ...known },
  };
}
