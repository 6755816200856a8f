import { Docker } from "../clients/docker/docker";
import type { Terraform } from "../clients/terraform/terraform";
import { OperatorError } from "../system/operator-error";
import { requireLocalFiles } from "./local-files";
import { requireTerraform } from "./require-terraform";
import type { Workspace } from "./workspace";

/** The programs that a deploy needs. */
export interface Tools {
  readonly terraform: Terraform;
  readonly docker: Docker;
}

/**
 * Terraform or OpenTofu, the files that they read, and a Docker host that answers.
 *
 * @throws OperatorError that names everything which is missing, and how to get it.
 */
export function requireTools(workspace: Pick<Workspace, "environment" | "directory">): Tools {
  const { environment } = workspace;
  requireLocalFiles(environment);
  const docker = new Docker(environment.docker);
  const [terraform, noTerraform] = attempt(() => requireTerraform(workspace));
  const [, noDocker] = attempt(() => docker.require());
  if (terraform && !noDocker) return { terraform, docker };
  throw OperatorError.joined([noTerraform, noDocker].filter((problem) => problem !== undefined));
}

function attempt<T>(action: () => T): readonly [T | undefined, OperatorError | undefined] {
  try {
    return [action(), undefined];
  } catch (error) {
    if (error instanceof OperatorError) return [undefined, error];
    throw error;
  }
}
