import { CloudBackend, LocalBackend, NamedCloudWorkspace, type TerraformStack } from "cdktf";
import type { Environment } from "../environment/schema";

/** Where the state of `stack` is: a file beside the repository, or a workspace. */
export function stateBackend(stack: TerraformStack, { name, state }: Pick<Environment, "name" | "state">): void {
  const { backend, organization, workspace, project, hostname } = state;
  if (backend === "cloud" && organization !== undefined && workspace !== undefined) {
    new CloudBackend(stack, { organization, hostname, workspaces: new NamedCloudWorkspace(workspace, project) });
    return;
  }
  // relative: the state's place must not depend on the machine that synthesizes
  new LocalBackend(stack, { path: `../../../terraform.${name}.tfstate` });
}
