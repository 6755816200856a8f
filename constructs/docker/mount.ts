import type { ContainerMounts } from "@cdktf/provider-docker/lib/container";
import type { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import type { ConfigFile } from "../core/config-file";
import { exempt } from "../core/exemption";

/** A secret in the Raft log of a cluster's managers. */
export interface SwarmSecret {
  readonly secretId: string;
  readonly secretName: string;
  /** Name of the file below `/run/secrets`. */
  readonly file: string;
  readonly dependsOn: readonly TerraformResource[];
}

/** What a service that runs on several hosts of a cluster gets in place of a mount; one of the three. */
export interface SwarmForm {
  /** Files from the Raft log. */
  readonly files?: { readonly directory: string; readonly files: readonly ConfigFile[] };
  /** Secrets from the Raft log, created below the given construct. */
  readonly secrets?: (scope: Construct) => readonly SwarmSecret[];
  /** Directory that every host has mounted from the same file server. */
  readonly device?: string;
}

/** A mount, and what has to exist before a container may use it. */
export interface Mounted {
  readonly mount: ContainerMounts;
  readonly dependsOn: readonly TerraformResource[];
  /** Rule of the policy that the mount breaks on purpose, and why: services that mount it are exempt. @default - none */
  readonly exemption?: { readonly rule: string; readonly reason: string };
  /** Form for a service that runs on several hosts of a cluster. @default - such a service may not have this mount */
  readonly swarm?: SwarmForm;
}

/** Exempts `scope` from what its mounts break on purpose. */
export function exemptMounts(scope: Construct, mounts: readonly Mounted[]): void {
  const exemptions = new Map(mounts.flatMap(({ exemption }) => (exemption ? [[exemption.rule, exemption.reason] as const] : [])));
  for (const [rule, reason] of exemptions) exempt(scope, rule, reason);
}

/** Options of the driver "local" for a directory that the host has already. */
export function boundTo(device: string): Record<string, string> {
  return { type: "none", o: "bind", device };
}
