import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { join } from "node:path";
import { type FileProblem, readOrReason } from "../../system/file-problem";

/** Names of the files in a directory of certificates, as Docker has them. */
export const CERTIFICATE_FILES = { ca: "ca.pem", cert: "cert.pem", key: "key.pem" } as const;

/** What Docker is reached with over TLS: the authority, a certificate, its key. */
export type CertificatePart = keyof typeof CERTIFICATE_FILES;
type Parts = Readonly<Record<CertificatePart, string>>;

const REMEDY = "put ca.pem, cert.pem and key.pem there, as Docker takes them, or name another directory";

/** Why a directory does not hold certificates for a Docker host; nothing when it does. */
export function certificateFilesProblem(directory: string, now = new Date()): FileProblem | undefined {
  const read = Object.entries(CERTIFICATE_FILES).map(([part, file]) => ({ part, file, ...readOrReason(join(directory, file)) }));
  const unreadable = read.flatMap(({ file, reason }) => (reason === undefined ? [] : [`${file} ${reason}`]));
  const texts = Object.fromEntries(read.map(({ part, ...found }) => [part, "text" in found ? found.text : ""])) as Parts;
  const wrong = unreadable.length > 0 ? unreadable : certificateProblems(texts, CERTIFICATE_FILES, now);
  return wrong.length === 0 ? undefined : { problem: `cannot be used: ${wrong.join(", ")}`, remedy: REMEDY };
}

/** Why three texts are no certificates for a Docker host; `names` is what problems call them. No text is shown. */
export function certificateProblems({ ca, cert, key }: Parts, names: Parts, now = new Date()): string[] {
  return [...endProblems(names.ca, ca, now), ...endProblems(names.cert, cert, now), ...keyProblems(cert, key, names)];
}

function endProblems(name: string, text: string, now: Date): string[] {
  const certificate = attempt(() => new X509Certificate(text));
  if (certificate === undefined) return [`${name} is no certificate in PEM`];
  return new Date(certificate.validTo) <= now ? [`${name} ended on ${new Date(certificate.validTo).toISOString().slice(0, 10)}`] : [];
}

function keyProblems(certificate: string, text: string, names: Parts): string[] {
  const key = attempt<KeyObject>(() => createPrivateKey(text));
  if (key === undefined) return [`${names.key} is no private key in PEM without a passphrase`];
  const belongs = attempt(() => new X509Certificate(certificate).checkPrivateKey(key)) ?? true;
  return belongs ? [] : [`${names.key} is not the key of ${names.cert}`];
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
