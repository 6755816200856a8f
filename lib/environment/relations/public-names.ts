import { z } from "zod";

/** Endings that no zone of the internet has (RFC 2606, 6761, 6762, 7686, 8375, 9476, and ICANN's list of names that are never given out). */
const PRIVATE = ["alt", "corp", "example", "home", "home.arpa", "internal", "intranet", "invalid", "lan", "local", "localhost", "onion", "private", "test"];

/** Why no public authority signs for names below `name`, and no public zone holds it; nothing when they may. */
export function privateEnding(name: string): string | undefined {
  if (!name.includes(".")) return `${name} has no dot`;
  const ending = PRIVATE.find((candidate) => name.endsWith(`.${candidate}`));
  return ending && `names that end in .${ending} are private`;
}

/** As much as has to be read before names can be judged. */
const READ = z.object({
  domain: z.string(),
  tls: z.object({ issuer: z.string(), email: z.string().optional() }),
  dns: z.object({ provider: z.string() }),
});

export function isSignedRead({ value }: { readonly value: unknown }): boolean {
  return READ.safeParse(value).success;
}

/** Refuses what needs a name of the internet for a domain that is none. */
export function refineSigned({ domain, tls, dns }: z.output<typeof READ>, context: z.core.$RefinementCtx): void {
  const issue = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
  const why = privateEnding(domain);
  if (why !== undefined && tls.issuer === "letsencrypt") {
    issue(["tls", "issuer"], `Let's Encrypt signs no certificate for ${domain}: ${why}; use local or files, or another domain`);
  }
  if (why !== undefined && dns.provider !== "none")
    issue(["dns", "provider"], `${dns.provider} holds no zone for ${domain}: ${why}; use none, or another domain`);
  const [, host = ""] = (tls.email ?? "").split("@");
  const unknown = tls.issuer === "letsencrypt" && tls.email !== undefined ? privateEnding(host) : undefined;
  if (unknown !== undefined) issue(["tls", "email"], `"${tls.email}" is refused by Let's Encrypt: ${unknown}; give an address that receives mail`);
}
