import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Docker } from "../../clients/docker/docker";
import type { State } from "../../clients/terraform/state";
import { STACK_FILE } from "../workspace";

/** As much of a stack's JSON as is changed here. */
interface Plan {
  readonly resource?: { readonly docker_image?: Readonly<Record<string, { readonly name: string; build?: unknown }>> };
}

/**
 * Takes the build out of each image in the stack's JSON that the engine has already and the state does not know.
 *
 * The name of an image contains the hash of what it is built from, so one of that name is the wanted one. The provider would build it
 * again after each destroy, which needs the registries of its base images. Later plans ignore the missing block.
 *
 * @returns names of the images that are not built again.
 */
export function keepBuiltImages(directory: string, docker: Pick<Docker, "imageId">, state: State): string[] {
  const file = join(directory, STACK_FILE);
  const plan: Plan = JSON.parse(readFileSync(file, "utf8"));
  const known = new Set(
    state.resources.filter(({ type }) => type === "docker_image").flatMap(({ instances }) => instances.map(({ attributes }) => attributes.name)),
  );
  const kept = Object.values(plan.resource?.docker_image ?? {}).filter(
    ({ name, build }) => build !== undefined && !known.has(name) && docker.imageId(name) !== undefined,
  );
  for (const image of kept) delete image.build;
  if (kept.length > 0) writeFileSync(file, JSON.stringify(plan, null, 2));
  return kept.map(({ name }) => name);
}
