import type { TerraformResource } from "cdktf";

/** Terraform's address of `resource`. */
export function resourceAddress({ terraformResourceType, friendlyUniqueId }: TerraformResource): string {
  return `${terraformResourceType}.${friendlyUniqueId}`;
}

/** Lets `resource` be made after `others`, beside what it waits for already. */
export function addDependencies(resource: TerraformResource, others: readonly TerraformResource[]): void {
  resource.dependsOn = [...new Set([...(resource.dependsOn ?? []), ...others.map(resourceAddress)])];
}
