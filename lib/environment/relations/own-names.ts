import { z } from "zod";
import { Endpoint } from "../../../constructs/core/endpoint";

/** What people open, below the domain. */
export const HOST_LABELS = { bookstack: "bookstack", portal: "auth", dashboard: "traefik", grafana: "grafana" } as const;

/** As much as has to be read before names can be compared. */
const READ = z.object({
  domain: z.string(),
  mail: z.object({ host: z.string() }).optional(),
  wiki: z.object({ webhooks: z.array(z.custom<Endpoint>((value) => value instanceof Endpoint)).optional() }),
});

export function areNamesRead({ value }: { readonly value: unknown }): boolean {
  return READ.safeParse(value).success;
}

/** Refuses servers outside that are the wiki itself. */
export function refineOwnNames({ domain, mail, wiki: { webhooks = [] } }: z.output<typeof READ>, context: z.core.$RefinementCtx): void {
  const own = Object.values(HOST_LABELS).map((label) => `${label}.${domain}`);
  const servers = [[["mail", "host"], mail?.host] as const, ...webhooks.map(({ host }, index) => [["wiki", "webhooks", index], host] as const)];
  for (const [path, host = ""] of servers) {
    const message = `"${host}" is a host name of this wiki; set the name of another server for mail and webhooks`;
    if (own.includes(host)) context.addIssue({ code: "custom", path: [...path], message });
  }
}
