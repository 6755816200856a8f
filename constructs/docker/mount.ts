import type { ContainerMounts } from "@cdktf/provider-docker/lib/container";
import type { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { exempt } from "../core/exemption";

/** A mount, and what has to exist before a container may use it. */
export interface Mounted {
  readonly mount: ContainerMounts;
  readonly dependsOn: readonly TerraformResource[];
  /** Rule of the policy that the mount breaks on purpose, and why: services that mount it are exempt. @default - none */
  readonly exemption?: { readonly rule: string; readonly reason: string };
}

/** Exempts `scope` from what its mounts break on purpose. */
export function exemptMounts(scope: Construct, mounts: readonly Mounted[]): void {
  const exemptions = new Map(mounts.flatMap(({ exemption }) => (exemption ? [[exemption.rule, exemption.reason] as const] : [])));
  for (const [rule, reason] of exemptions) exempt(scope, rule, reason);
}
