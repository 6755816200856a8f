/** Labels that mark the objects of an environment on a shared Docker host. */
export const LABEL = {
  /** The namespace, so that `docker ps --filter label=…` finds everything of one environment. */
  namespace: "secure-bookstack.namespace",
  /** What a container or volume is for: see {@link ContainerKind} and {@link VolumeKind}. */
  kind: "secure-bookstack.kind",
  /** Hash of the configuration files; a change replaces the container. */
  config: "secure-bookstack.config",
  /** Hash of what the Docker provider cannot change in place, so that a change replaces the container. */
  settings: "secure-bookstack.settings",
  /** Mount points of the volumes that a job fills: unknown, hence a reason to run again, when one of them is new. */
  volumes: "secure-bookstack.volumes",
} as const;

/** What a volume is for: `data` is kept when an environment is taken down, `config` can be made again, `scratch` holds temporary files. */
export type VolumeKind = "data" | "config" | "scratch";

/** `service` keeps running, `job` runs once, `carrier` is a config container, which never runs and holds configuration files. */
export type ContainerKind = "service" | "job" | "carrier";

/**
 * What the engine does with a container that ended.
 *
 * "unless-stopped" does not do for a service: an engine that was killed stops the containers that still run when it starts again, notes
 * them as stopped by hand, and leaves them there (every version without live-restore).
 */
export const RESTART_POLICY: Readonly<Record<ContainerKind, "always" | "no">> = { service: "always", job: "no", carrier: "no" };

/** Labels as the provider takes them, in the order of their names. */
export function labelBlocks(labels: Readonly<Record<string, string>>): { label: string; value: string }[] {
  return Object.keys(labels)
    .sort()
    .map((label) => ({ label, value: labels[label] ?? "" }));
}
