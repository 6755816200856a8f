import type { ICertificateSource } from "../../constructs/contracts/certificate-source";
import { type DnsChallenge, LetsEncrypt } from "../../constructs/edge/traefik/lets-encrypt";
import { OwnCertificate } from "../../constructs/edge/traefik/own-certificate";
import { Authority, SecretText, type StoredFile } from "../../constructs/secrets/secret";
import type { Environment } from "../environment/schema";

/** Secrets of a provided certificate: the chain, and its private key. */
export const CERTIFICATE = "tls_certificate";
export const CERTIFICATE_KEY = "tls_key";

/** Secret of the environment's own authority. */
export const EDGE_AUTHORITY = "edge_ca";

/** CA certificate of Traefik's certificate, if clients do not trust it by default: the environment's own, or as PEM. */
export function authorityOf(issuer: ICertificateSource, { ca }: Environment["tls"]): StoredFile | string | undefined {
  return issuer instanceof Authority ? issuer.certificate : ca;
}

/** Who signs the certificate of an environment. */
export function issuerOf({ domain, tls: { issuer, email, staging, challenge } }: Environment): ICertificateSource {
  if (issuer === "files") return new OwnCertificate(CERTIFICATE, SecretText.providedFile(CERTIFICATE_KEY));
  if (issuer === "local" || email === undefined) return new Authority(EDGE_AUTHORITY, domain);
  return new LetsEncrypt(email, challengeOf(challenge), staging);
}

/** The token of the default provider has a fixed name. */
const CLOUDFLARE = { CF_DNS_API_TOKEN_FILE: SecretText.provided("cloudflare_dns_token") };

function challengeOf({ provider, secrets = [], variables = [], ...settings }: Environment["tls"]["challenge"]): DnsChallenge {
  return {
    ...settings,
    provider,
    secrets: { ...(provider === "cloudflare" ? CLOUDFLARE : {}), ...Object.fromEntries(secrets.map(providerSecret)) },
    variables: Object.fromEntries(variables.map(({ name, value }) => [name, value])),
  };
}

/** A variable that already names a file has several lines; every other has a `_FILE` form. */
function providerSecret(variable: string): [string, SecretText] {
  const name = `dns_${variable.toLowerCase()}`;
  return /_(FILE|PATH)$/.test(variable) ? [variable, SecretText.providedFile(name)] : [`${variable}_FILE`, SecretText.provided(name)];
}
