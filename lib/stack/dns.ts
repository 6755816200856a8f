import type { Construct } from "constructs";
import { CloudflareRecords } from "../../constructs/dns/cloudflare-records";
import type { Traefik } from "../../constructs/edge/traefik/traefik";
import type { StackContext } from "./context";

/** Records of every name that the reverse proxy serves, if the environment has a zone for them. */
export function makeRecords(scope: Construct, { environment: { name, domain, dns, tls } }: StackContext, { traefik }: { readonly traefik: Traefik }): void {
  const { provider, zone, ...settings } = dns;
  if (provider === "none" || zone === undefined) return;
  new CloudflareRecords(scope, "Dns", {
    ...settings,
    zone,
    domain,
    hostNames: traefik.hostNames(),
    issuer: tls.issuer === "letsencrypt" && tls.email !== undefined ? { name: "letsencrypt.org", reportTo: tls.email } : undefined,
    comment: `managed by Terraform: secure-bookstack, environment ${name}`,
  });
}
