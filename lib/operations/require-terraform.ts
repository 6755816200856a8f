import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { REGISTRIES, Terraform } from "../clients/terraform/terraform";
import { providerLock } from "../stack/docker-provider";
import { OperatorError } from "../system/operator-error";
import type { Workspace } from "./workspace";

/**
 * The program that the environment chooses, or the first that is installed, in the folder of the stack.
 *
 * A lock file without hashes for the registry of that program is an error in production, and a warning elsewhere.
 *
 * @param warn prints a warning; on standard error unless given.
 * @throws OperatorError when it cannot be run, or cannot be used with this environment.
 */
export function requireTerraform(
  { environment, directory }: Pick<Workspace, "environment" | "directory">,
  { warn = (text: string) => void process.stderr.write(text), lock = providerLock(environment.providers.docker) } = {},
): Terraform {
  const terraform = Terraform.find(directory, environment.terraform);
  const { backend, hostname } = environment.state;
  if (backend === "cloud" && hostname === undefined && terraform.registry === REGISTRIES.opentofu) {
    throw new OperatorError("OpenTofu needs state.hostname with the backend cloud", "add hostname: app.terraform.io to the block state for Terraform Cloud");
  }
  const unpinned = unpinnedProviders(terraform.registry, lock);
  if (unpinned === undefined) return terraform;
  const remedy = "npm run lock -- --only providers";
  if (environment.production) throw new OperatorError(unpinned, remedy);
  warn(`Warning: ${unpinned}; run ${remedy}\n`);
  return terraform;
}

/** Says so when there is a lock file, but it does not hold for providers of `registry`: Terraform and OpenTofu read only their own entries. */
function unpinnedProviders(registry: string, lock: string): string | undefined {
  if (!existsSync(lock) || readFileSync(lock, "utf8").includes(`provider "${registry}/`)) return undefined;
  return `${basename(lock)} has no hashes of providers from ${registry}, so any copy of them would be accepted`;
}
