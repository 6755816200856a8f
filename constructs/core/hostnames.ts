/** Whether `name` can be used in a URL and a certificate: dot-separated labels of lower-case letters, digits and inner hyphens (RFC 1123); no address. */
export function isHostName(name: string): boolean {
  return name.length <= 253 && !/(^|\.)\d+$/.test(name) && name.split(".").every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
}
