import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { certificatesIn } from "../../system/pem";

/** A chain of certificates and its private key, as they are in files. */
export interface CertificatePair {
  /** PEM: the certificate of the wiki first, then each that signed the one before. */
  readonly chain: string;
  /** PEM, without a passphrase. */
  readonly key: string;
}

/** Facts about a certificate that a command prints. */
export interface CertificateSummary {
  readonly validTo: Date;
  /** Everything for which it cannot be used; nothing when it can. */
  readonly problems: readonly string[];
}

/** Checks whether a certificate is valid for `names`, by the same rules as the script that distributes it. */
export function examine({ chain, key }: CertificatePair, names: readonly string[], now = new Date()): CertificateSummary {
  const certificates = readChain(chain);
  const [first] = certificates;
  if (first === undefined) return { validTo: now, problems: ["the first file must begin with a certificate in PEM"] };
  const validTo = new Date(first.validTo);
  return { validTo, problems: [...keyProblems(first, key), ...timeProblems(first, now), ...nameProblems(first, names), ...chainProblems(certificates)] };
}

function readChain(text: string): X509Certificate[] {
  try {
    return certificatesIn(text).map((pem) => new X509Certificate(pem));
  } catch {
    return [];
  }
}

function keyProblems(certificate: X509Certificate, text: string): string[] {
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    return ["the second file must be a private key in PEM without a passphrase"];
  }
  return certificate.checkPrivateKey(key) ? [] : ["the key is not that of the first certificate"];
}

function timeProblems({ validFrom, validTo }: X509Certificate, now: Date): string[] {
  if (new Date(validTo) <= now) return [`the certificate ended on ${validTo}`];
  return new Date(validFrom) > now ? [`the certificate begins on ${validFrom}`] : [];
}

function nameProblems(certificate: X509Certificate, names: readonly string[]): string[] {
  return names.filter((name) => certificate.checkHost(name) === undefined).map((name) => `the certificate is not for ${name}`);
}

/** Each certificate is signed by the next; the authority itself may be left out. */
function chainProblems(certificates: readonly X509Certificate[]): string[] {
  const broken = certificates.findIndex((certificate, index) => {
    const issuer = certificates[index + 1];
    return issuer !== undefined && !(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey));
  });
  return broken < 0 ? [] : [`certificate ${broken + 2} of the first file did not sign certificate ${broken + 1}; put them in order, that of the wiki first`];
}
