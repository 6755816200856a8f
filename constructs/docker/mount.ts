import type { ContainerMounts } from "@cdktf/provider-docker/lib/container";
import type { TerraformResource } from "cdktf";

/** A mount, and what has to exist before a container may use it. */
export interface Mounted {
  readonly mount: ContainerMounts;
  readonly dependsOn: readonly TerraformResource[];
}
