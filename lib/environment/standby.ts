import type { Environment } from "./schema";

/** Part of an environment in a replication between two hosts. */
export type ReplicationPart =
  /** `fences` is where the other host is reached, when it was written to before: it must not be again. */
  | { readonly role: "source"; readonly serverId: number; readonly fences?: Environment["docker"] }
  /** `source` is where the other host is reached. */
  | { readonly role: "replica"; readonly serverId: number; readonly source: Environment["docker"] };

const ENDING = "-standby";

/** Name of the environment of the second host. */
export function standbyName(environment: string): string {
  return `${environment}${ENDING}`;
}

/** Name of the environment whose second host `name` would be; nothing when it cannot be one. */
export function nameOfStandby(name: string): string | undefined {
  return name.endsWith(ENDING) ? name.slice(0, -ENDING.length) : undefined;
}

/** The environment of the second host: the same wiki at another place. */
export function standbyOf(environment: Environment): Environment | undefined {
  const { standby, docker, name } = environment;
  if (standby === undefined) return undefined;
  const place = { docker: { ...standby.docker, registryLogins: docker.registryLogins }, host: undefined };
  // two states cannot both manage one record
  const dns = { ...environment.dns, provider: "none" as const };
  return { ...environment, ...place, dns, name: standbyName(name), replication: { role: "replica", serverId: 2, source: docker } };
}
