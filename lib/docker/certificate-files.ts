import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { join } from "node:path";
import { type FileProblem, readOrReason } from "../file-problem";

/** Names of the files in a directory of certificates, as Docker has them. */
export const CERTIFICATE_FILES = { ca: "ca.pem", cert: "cert.pem", key: "key.pem" } as const;

const REMEDY = "put ca.pem, cert.pem and key.pem there, as Docker takes them, or name another directory";

/** Why a directory does not hold certificates for a Docker host; nothing when it does. */
export function certificateFilesProblem(directory: string, now = new Date()): FileProblem | undefined {
  const read = Object.values(CERTIFICATE_FILES).map((file) => ({ file, ...readOrReason(join(directory, file)) }));
  const unreadable = read.flatMap(({ file, reason }) => (reason === undefined ? [] : [`${file} ${reason}`]));
  if (unreadable.length > 0) return { problem: `cannot be used: ${unreadable.join(", ")}`, remedy: REMEDY };
  const [ca = "", cert = "", key = ""] = read.map((file) => ("text" in file ? file.text : ""));
  const wrong = [...certificateProblems("ca.pem", ca, now), ...certificateProblems("cert.pem", cert, now), ...keyProblems(cert, key)];
  return wrong.length === 0 ? undefined : { problem: `cannot be used: ${wrong.join(", ")}`, remedy: REMEDY };
}

function certificateProblems(file: string, text: string, now: Date): string[] {
  const certificate = attempt(() => new X509Certificate(text));
  if (certificate === undefined) return [`${file} is no certificate in PEM`];
  return new Date(certificate.validTo) <= now ? [`${file} ended on ${new Date(certificate.validTo).toISOString().slice(0, 10)}`] : [];
}

function keyProblems(certificate: string, text: string): string[] {
  const key = attempt<KeyObject>(() => createPrivateKey(text));
  if (key === undefined) return ["key.pem is no private key in PEM without a passphrase"];
  const belongs = attempt(() => new X509Certificate(certificate).checkPrivateKey(key)) ?? true;
  return belongs ? [] : ["key.pem is not the key of cert.pem"];
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
