import { z } from "zod";

/** As much as has to be read before a standby can be judged. */
const HOSTS = z.object({
  docker: z.object({ host: z.string(), hostKey: z.string().optional() }),
  standby: z.object({ docker: z.object({ host: z.string(), hostKey: z.string().optional() }) }),
  cluster: z.unknown().optional(),
  database: z.object({ external: z.unknown().optional() }),
  dns: z.object({ provider: z.string() }),
  host: z.unknown().optional(),
  secrets: z.object({ variables: z.boolean() }),
  state: z.object({ backend: z.string() }),
  wiki: z.object({ uploads: z.unknown().optional() }),
});

export function isStandbyRead({ value }: { readonly value: unknown }): boolean {
  return HOSTS.safeParse(value).success;
}

/** Refuses a standby that cannot follow: each host reaches the other by SSH, and copies a database that is there. */
export function refineStandby(value: unknown, context: z.core.$RefinementCtx): void {
  const { docker, standby, cluster, database, dns, host, secrets, state, wiki } = HOSTS.parse(value);
  const issue = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
  const pinned = (place: { readonly host: string; readonly hostKey?: string }) => place.host.startsWith("ssh://") && place.hostKey !== undefined;
  if (!pinned(docker)) issue(["standby"], "needs docker.host over ssh:// with docker.hostKey, by which the standby connects to this host; set both");
  if (!pinned(standby.docker))
    issue(["standby", "docker"], "needs host over ssh:// with hostKey, by which this host connects to it after a failover; set both");
  if (standby.docker.host === docker.host) issue(["standby", "docker", "host"], `"${docker.host}" is already docker.host; name another machine`);
  const refuse = (key: string[], why: string) => issue(key, `cannot be combined with standby: ${why}`);
  if (cluster !== undefined) refuse(["cluster"], "the hosts of a swarm have no standby yet; remove one of them");
  if (host !== undefined) refuse(["host"], "a host that follows is not hardened yet; remove one of them");
  if (dns.provider !== "none")
    refuse(["dns", "provider"], 'a failover does not change the records of Terraform yet; set it to "none", and change the records yourself');
  if (state.backend !== "local") refuse(["state", "backend"], "two hosts need two states, and a workspace has one; remove one of them");
  if (secrets.variables) refuse(["secrets", "variables"], "the secrets are copied from host to host; set it to false");
  if (wiki.uploads !== undefined) refuse(["wiki", "uploads"], "the files of a directory are not copied; remove one of them");
  if (database.external !== undefined) issue(["standby"], "needs the database of this host, but database.external is elsewhere; remove one of them");
}
