import { endsTlsInFront } from "../../../stack/addresses";
import type { Check, Finding } from "../check";

/** Header → what it must be. */
const WANTED: Readonly<Record<string, RegExp>> = {
  "strict-transport-security": /^max-age=63072000; includeSubDomains/,
  "x-content-type-options": /^nosniff$/,
  "x-frame-options": /^SAMEORIGIN$/,
  "referrer-policy": /^strict-origin-when-cross-origin$/,
  "permissions-policy": /camera=\(\)/,
  "cross-origin-opener-policy": /^same-origin$/,
  "cross-origin-resource-policy": /^same-origin$/,
};
/** What tells an attacker which program of which version answers. */
const UNWANTED = ["server", "x-powered-by"];
/** A reverse proxy in front always tells its name; its version it does not have to. */
const NAME_ALONE = /^[^0-9]*$/;

export const check: Check = {
  name: "security-headers",
  promise: "every answer has the security headers, and none that names the program",
  async run({ environment, urls, outside }) {
    const { name, wiki } = environment;
    const inFront = endsTlsInFront(environment);
    const remedy = `npm run deploy -- ${name}; if it stays, check the proxy in front of Traefik`;
    const findings = await Promise.all(
      Object.values(urls).map(async (url): Promise<Finding[]> => {
        const { headers } = await outside.ask(`${url}/`);
        // BookStack itself names the sites that may show it in a frame
        const framed = url === urls.bookstack && wiki.options?.ALLOWED_IFRAME_HOSTS !== undefined;
        const wanted = Object.entries(WANTED).filter(([header]) => !(framed && header === "x-frame-options"));
        const wrong = wanted.filter(([header, form]) => !form.test(headers[header] ?? ""));
        return [
          ...wrong.map(([header]) => ({
            problem: `${url} answers ${headers[header] === undefined ? `without ${header}` : `${header}: ${headers[header]}`}`,
            remedy,
          })),
          ...UNWANTED.filter((header) => headers[header] !== undefined && !(inFront && header === "server" && NAME_ALONE.test(headers[header] ?? ""))).map(
            (header) => ({ problem: `${url} tells ${header}: ${headers[header]}`, remedy }),
          ),
        ];
      }),
    );
    return findings.flat();
  },
};
