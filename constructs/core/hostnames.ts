/** Whether `name` can be used in a URL and a certificate: dot-separated labels of lower-case letters, digits and inner hyphens (RFC 1123); no address. */
export function isHostName(name: string): boolean {
  return name.length <= 253 && !/(^|\.)\d+$/.test(name) && name.split(".").every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
}

const LOOPBACK = [
  /^(.+\.)?localhost6?(\.localdomain6?)?\.?$/i,
  /^ip6-(localhost|loopback)$/i,
  /^127(\.\d{1,3}){1,3}$/,
  /^0\.0\.0\.0$/,
  /^\[?([0:]*:[0:]*[01]|::)\]?$/,
  /^\[?::ffff:127\./i,
];

/** Whether `name` is a name or address of the machine that asks: in a container, of that container alone. */
export function isLoopback(name: string): boolean {
  return LOOPBACK.some((form) => form.test(name));
}
