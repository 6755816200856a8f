import { z } from "zod";
import { isBehind, isPrivate } from "../../../constructs/edge/traefik/published";

/** The keys that say whether the wiki is reached by IPv6. */
const READ = z.object({
  dns: z.object({ ipv6: z.string().optional() }),
  ports: z.object({ address: z.string(), ipv6: z.string().optional(), https: z.int(), public: z.int().optional() }),
});

export function isIpv6Read({ value }: { value: unknown }): boolean {
  return READ.safeParse(value).success;
}

/** Refuses DNS records for an IPv6 address on which nothing listens. */
export function refineIpv6(
  { dns, ports }: z.output<typeof READ>,
  context: { addIssue(issue: { code: "custom"; path: PropertyKey[]; message: string }): void },
): void {
  const issue = (path: PropertyKey[], message: string) => context.addIssue({ code: "custom", path, message });
  const listens = ports.ipv6 !== undefined && !isPrivate({ address: "127.0.0.1", ipv6: ports.ipv6 });
  // behind something it is the address of that
  if (dns.ipv6 !== undefined && !listens && !isBehind(ports)) {
    issue(
      ["dns", "ipv6"],
      `${dns.ipv6} does not answer, because the wiki ${ports.ipv6 === undefined ? "listens on IPv4 only" : `listens on ${ports.ipv6} only`}; add ports.ipv6: "::", or remove dns.ipv6`,
    );
  }
}
