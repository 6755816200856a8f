import { randomInt } from "node:crypto";
import { LABEL } from "../../../constructs/docker/labels";
import type { PlannedResource } from "../../clients/terraform/plan";
import { neverRead } from "./containers";
import type { Engine, FoundVolume } from "./engine";
import { adopted, type Found, left, missing } from "./found";

/** What was found out about the parts of the host and the secrets, none of which Terraform can look at. */
export interface DoneSteps {
  /** Address of a host part → in what it differs; nothing when the environment leaves its host alone. */
  readonly parts: ReadonlyMap<string, readonly string[]>;
  /** Whether the store has every secret that the operator provides. */
  readonly secretsStored: boolean;
}

/** What containers need of the plan: images, networks, volumes and steps, as far as they are there. */
export function findFoundation(planned: readonly PlannedResource[], namespace: string, engine: Engine, steps: DoneSteps): Found[] {
  const networks = engine.networks();
  const volumes = engine.volumes();
  return planned.flatMap((resource): Found[] => {
    switch (resource.type) {
      case "docker_image":
        return [image(resource, engine)];
      case "docker_network":
        return [labelled(resource, namespace, networks.get(String(resource.values.name)), "network", ({ Id }) => ({ id: Id }))];
      case "docker_volume":
        return [volume(resource, namespace, volumes.get(String(resource.values.name)))];
      case "null_resource":
        return [step(resource, steps)];
      case "docker_container":
        return [];
      default:
        return [left(`${resource.address} cannot be adopted`)];
    }
  });
}

function image(resource: PlannedResource, engine: Engine): Found {
  const name = String(resource.values.name);
  const id = engine.image(name);
  return id === undefined ? left(missing(resource, "image")) : adopted(resource, { id: `${id}${name}`, image_id: id });
}

function volume(resource: PlannedResource, namespace: string, found: FoundVolume | undefined): Found {
  const name = String(resource.values.name);
  const planned = resource.values.labels as readonly { readonly label: string; readonly value: string }[];
  const same =
    found !== undefined && planned.length === Object.keys(found.Labels ?? {}).length && planned.every(({ label, value }) => found.Labels?.[label] === value);
  // a plan would replace a volume with other labels, and delete what it holds
  if (found !== undefined && !same) return left(`volume ${name} has other labels than planned`);
  return labelled(resource, namespace, found, "volume", ({ Name, Mountpoint }) => ({ id: Name, mountpoint: Mountpoint }));
}

function labelled<T extends { readonly Labels: Readonly<Record<string, string>> | null }>(
  resource: PlannedResource,
  namespace: string,
  found: T | undefined,
  kind: string,
  known: (found: T) => Readonly<Record<string, unknown>>,
): Found {
  const name = String(resource.values.name);
  if (found === undefined) return left(missing(resource, kind));
  if (found.Labels?.[LABEL.namespace] !== namespace) return left(`${kind} ${name} is not of ${namespace}: it has no label ${LABEL.namespace}=${namespace}`);
  return adopted(resource, known(found));
}

/** A step on the host counts as done when its own check says so; a secret that was uploaded, when the store has it. */
function step(resource: PlannedResource, { parts, secretsStored }: DoneSteps): Found {
  const differences = parts.get(resource.address);
  const known = { id: String(randomInt(2 ** 47)) };
  if (differences === undefined) return secretsStored ? adopted(resource, known) : left(`${resource.address}: the store lacks a secret that you provide`);
  return differences.length === 0 ? adopted(resource, known) : left(`host part ${resource.name}: ${differences.join(", ")}`);
}

/** Hash of the files in the name of a config volume, and of the container that filled it. */
const HASH = /^[0-9a-f]{12}$/;

/**
 * Config volumes and config containers of files that are not planned any more, as instances of the resources that made them: the next plan
 * deletes them, after the services that read them are replaced.
 */
export function findOutdatedFiles(planned: readonly PlannedResource[], engine: Engine): Found[] {
  const kept: Readonly<Record<string, ReadonlyMap<string, { readonly Id?: string }>>> = {
    docker_volume: engine.volumes() as ReadonlyMap<string, { readonly Id?: string }>,
    docker_container: engine.containers(),
  };
  return planned.flatMap((resource) => {
    const { index, values, type } = resource;
    const name = String(values.name);
    if (index === undefined || !name.endsWith(index)) return [];
    const start = name.slice(0, -index.length);
    return [...(kept[type] ?? [])].flatMap(([other, { Id = other }]) => {
      const hash = other.slice(start.length);
      if (!other.startsWith(start) || !HASH.test(hash) || other === name) return [];
      const old = { ...resource, index: hash, address: `${resource.type}.${resource.name}["${hash}"]` };
      return [adopted(old, { id: Id, name: other, ...(type === "docker_container" ? { ...neverRead(values), volumes: [], upload: [] } : {}) })];
    });
  });
}
