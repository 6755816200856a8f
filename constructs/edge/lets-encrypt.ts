import type { SecretText } from "../secrets/secret";

const DIRECTORY = "https://acme-v02.api.letsencrypt.org/directory";
const STAGING_DIRECTORY = "https://acme-staging-v02.api.letsencrypt.org/directory";
/** Name by which routers ask for a certificate. */
export const RESOLVER = "letsencrypt";
/** Where Traefik keeps its account and certificates. */
export const ACME_DIRECTORY = "/var/lib/traefik";

/** Certificates that every browser knows, proved by a record in a zone at Cloudflare: it needs no port to be reachable. */
export class LetsEncrypt {
  constructor(
    /** Where Let's Encrypt writes before a certificate ends. */
    public readonly email: string,
    /** Token of Cloudflare that may read the zone and edit its records. */
    public readonly token: SecretText,
    /** Whether certificates come from the test authority, which no browser knows and which has wide limits. */
    public readonly staging: boolean,
  ) {}

  /** `certificatesResolvers` of `traefik.yml`. */
  public renderResolver(): object {
    return {
      [RESOLVER]: {
        acme: {
          email: this.email,
          storage: `${ACME_DIRECTORY}/${this.staging ? "staging" : "acme"}.json`,
          caServer: this.staging ? STAGING_DIRECTORY : DIRECTORY,
          keyType: "EC256",
          dnsChallenge: { provider: "cloudflare" },
        },
      },
    };
  }

  /** Variables by which Traefik finds the token. */
  public static variables(tokenPath: string): Record<string, string> {
    return { CF_DNS_API_TOKEN_FILE: tokenPath };
  }
}
