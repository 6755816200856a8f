import { z } from "zod";
import { address, domain, ipv6 } from "../readers";
import { wasRead } from "../relations";

/** The block `dns` of an environment file. */
export const dns = z
  .strictObject({
    provider: z
      .enum(["none", "cloudflare"])
      .default("none")
      .meta({ description: "cloudflare: a zone there, with the token in CLOUDFLARE_API_TOKEN; none: records are managed elsewhere" }),
    zone: domain("Zone at Cloudflare: the domain, or one that it is below").optional(),
    ipv4: address("IPv4 address of the DNS records").optional(),
    ipv6: ipv6("IPv6 address of the DNS records; requires ports.ipv6").optional(),
    proxied: z.boolean().default(false).meta({ description: "Whether Cloudflare proxies requests to the wiki; false unless given" }),
    wildcard: z.boolean().default(false).meta({ description: "Whether to use one wildcard record for all names below the domain; false unless given" }),
  })
  .superRefine(
    ({ provider, zone, ipv4: four, ipv6: six }, context) => {
      if (provider === "none") return;
      const missing = (key: string, example: string) =>
        context.addIssue({ code: "custom", path: [key], message: `needed for ${provider}; add it, such as ${example}` });
      if (zone === undefined) missing("zone", "example.com");
      if (four === undefined && six === undefined) missing("ipv4", "203.0.113.10 (or ipv6)");
    },
    { when: wasRead(() => true, "provider") },
  )
  .meta({ description: "Who manages the names" });
