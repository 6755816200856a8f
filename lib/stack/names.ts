import { resourceName } from "../../constructs/docker/resource-name";

/** Containers, networks and volumes that commands address without a plan; a test compares them with the plan. */
export const CONTAINERS = [
  "authelia",
  "authelia-users",
  "backup",
  "bookstack",
  "bookstack-db",
  "bookstack-setup",
  "bookstack-users",
  "certificates",
  "crowdsec",
  "grafana",
  "secrets",
  "traefik",
] as const;
/** Those of an environment whose database is on another machine. */
export const EXTERNAL_DATABASE_CONTAINERS = ["database-accounts", "database-egress"] as const;
/** Those of an environment with a standby. */
export const STANDBY_CONTAINERS = ["standby-source", "standby-link", "standby-sync"] as const;
export const NETWORKS = ["database"] as const;
export const VOLUMES = ["authelia", "crowdsec", "database", "grafana", "secrets"] as const;

export type VolumeName = (typeof VOLUMES)[number];

export type ContainerName = (typeof CONTAINERS | typeof EXTERNAL_DATABASE_CONTAINERS | typeof STANDBY_CONTAINERS)[number];

export function containerName(namespace: string, container: ContainerName): string {
  return resourceName(namespace, container);
}

export function networkName(namespace: string, network: (typeof NETWORKS)[number]): string {
  return resourceName(namespace, network);
}

export function volumeName(namespace: string, volume: VolumeName): string {
  return resourceName(namespace, volume);
}
