import { X509Certificate } from "node:crypto";
import { checked } from "./text";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
const FORM = "-----BEGIN CERTIFICATE----- …";

/** Certificates of authorities, in PEM, one after the other; nothing of them is secret. */
export function authorities(description: string) {
  return requiredAuthorities(description).optional();
}

/** The same where there is no authority to trust without them. */
export function requiredAuthorities(description: string) {
  return checked({
    description,
    example: FORM,
    pattern: /-----BEGIN CERTIFICATE-----/,
    longest: 1_000_000,
    problem: certificatesProblem,
  });
}

/** The problem of the text, without quoting it, because it can be a private key by mistake. */
function certificatesProblem(written: string): string | undefined {
  if (/PRIVATE KEY/.test(written)) return "holds a private key; take it out, the certificate alone is enough, and give the server another key";
  const found = written.match(CERTIFICATE) ?? [];
  if (found.length === 0 || written.replace(CERTIFICATE, "").trim() !== "")
    return `must be one or more certificates in PEM, and nothing else; write it like ${FORM}`;
  const unreadable = found.findIndex((certificate) => !isReadable(certificate));
  return unreadable < 0 ? undefined : `certificate ${unreadable + 1} of ${found.length} cannot be read; copy it again, whole`;
}

function isReadable(certificate: string): boolean {
  try {
    return new X509Certificate(certificate).raw.length > 0;
  } catch {
    return false;
  }
}
