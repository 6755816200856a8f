const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Certificates in a text, each as PEM, in their order. */
export function certificatesIn(text: string): string[] {
  return text.match(CERTIFICATE) ?? [];
}
