import { z } from "zod";
import { email } from "./readers";
import { wasRead } from "./relations";

/** The block `tls` of an environment file. */
export const tls = z
  .strictObject({
    issuer: z.enum(["local", "letsencrypt"]).default("local").meta({
      description:
        "local: a certificate authority of this environment's own. letsencrypt: known to every browser, proved in a zone at Cloudflare; local unless given",
    }),
    email: email("E-mail address that Let's Encrypt writes to before a certificate ends; needed for letsencrypt").optional(),
    staging: z.boolean().default(false).meta({ description: "Whether Let's Encrypt's test authority signs, which no browser knows; false unless given" }),
    hstsPreload: z
      .boolean()
      .default(false)
      .meta({ description: "Whether browsers are asked to list the domain as HTTPS only, which takes months to take back; false unless given" }),
  })
  .refine(({ issuer, email: given }) => issuer !== "letsencrypt" || given !== undefined, {
    when: wasRead((value) => value === "letsencrypt", "issuer"),
    path: ["email"],
    error: "needed for letsencrypt; add it, such as ops@example.com",
  })
  .meta({ description: "Who signs the certificate" });
