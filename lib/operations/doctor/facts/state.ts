import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { State } from "../../../clients/terraform/state";
import type { Environment } from "../../../environment/schema";
import { ROOT } from "../../workspace";

/** Ids of the containers in Terraform's state; nothing when there is no state. */
export function stateFacts({ name, state }: Environment, root = ROOT): string[] | undefined {
  if (state.backend === "cloud") throw new Error("the state is in a workspace of Terraform Cloud; npm run plan shows whether it is that of this wiki");
  const file = join(root, `terraform.${name}.tfstate`);
  if (!existsSync(file)) return undefined;
  const { resources } = JSON.parse(readFileSync(file, "utf8")) as Partial<State>;
  return (resources ?? []).filter(({ type }) => type === "docker_container").flatMap(({ instances }) => instances.map(({ attributes }) => `${attributes.id}`));
}
