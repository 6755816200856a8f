import type { BoundCertificate, CertificateConsumer, ICertificateSource } from "../../contracts/certificate-source";
import type { Duration } from "../../core/duration";
import type { SecretText } from "../../secrets/secret";

const DIRECTORY = "https://acme-v02.api.letsencrypt.org/directory";
const STAGING_DIRECTORY = "https://acme-staging-v02.api.letsencrypt.org/directory";
/** Name by which routers ask for a certificate. */
export const RESOLVER = "letsencrypt";
/** Where Traefik keeps its account and certificates. */
export const ACME_DIRECTORY = "/var/lib/traefik";

/** How it is proved that the domain is ours: by a record that a DNS provider makes. */
export interface DnsChallenge {
  /** Name by which Traefik knows the provider: `cloudflare`. */
  readonly provider: string;
  /** Variables that name a file → the secret in that file. */
  readonly secrets: Readonly<Record<string, SecretText>>;
  /** Variables of the provider that are no secret. @default - none */
  readonly variables?: Readonly<Record<string, string>>;
  /** DNS servers that are asked for the zone and for the record, each `address` or `address:port`. @default - those of the Docker host */
  readonly resolvers?: readonly string[];
  /** Time between making the record and each look for it. @default - none */
  readonly delay?: Duration;
  /**
   * Which servers have to show the record before Let's Encrypt is asked to look: those of the zone and the resolvers, the resolvers alone, or none.
   * @default "all"
   */
  readonly checks?: "all" | "resolvers" | "none";
}

/** Certificates that every browser knows, proved by a record in the zone of the domain: it needs no port to be reachable. */
export class LetsEncrypt implements ICertificateSource {
  constructor(
    /** Address of the account at Let's Encrypt. */
    public readonly email: string,
    public readonly challenge: DnsChallenge,
    /** Whether certificates come from the test authority, which no browser knows and which has wide limits. */
    public readonly staging: boolean,
  ) {}

  public bind({ directory, volumes, user }: CertificateConsumer): BoundCertificate {
    const state = volumes.volume("traefik-acme", { owner: user });
    return {
      resolver: { name: RESOLVER, settings: this.renderResolver() },
      variables: this.variables((secret) => directory.add(secret).path),
      state,
      mounts: [state.mountAt(ACME_DIRECTORY)],
    };
  }

  /** `certificatesResolvers` of `traefik.yml`. */
  public renderResolver(): object {
    return {
      [RESOLVER]: {
        acme: {
          email: this.email,
          storage: `${ACME_DIRECTORY}/${this.staging ? "staging" : "acme"}.json`,
          caServer: this.staging ? STAGING_DIRECTORY : DIRECTORY,
          keyType: "EC256",
          dnsChallenge: renderChallenge(this.challenge),
        },
      },
    };
  }

  /** Variables by which Traefik finds the secrets of the provider; `path` says where a secret is. */
  public variables(path: (secret: SecretText) => string): Record<string, string> {
    const { secrets, variables = {} } = this.challenge;
    return { ...variables, ...Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, path(secret)])) };
  }
}

function renderChallenge({ provider, resolvers = [], delay, checks = "all" }: DnsChallenge): object {
  const propagation = {
    ...(checks === "none" ? { disableChecks: true } : {}),
    ...(checks === "resolvers" ? { disableANSChecks: true } : {}),
    ...(delay === undefined ? {} : { delayBeforeChecks: `${delay}` }),
  };
  // without the last key, naming any other of them turns off what is looked for at the resolvers
  const isNamed = Object.keys(propagation).length > 0;
  return {
    provider,
    ...(resolvers.length > 0 ? { resolvers: [...resolvers] } : {}),
    ...(isNamed ? { propagation: checks === "none" ? propagation : { ...propagation, requireAllRNS: true } } : {}),
  };
}
