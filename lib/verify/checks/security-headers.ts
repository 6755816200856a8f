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

export const check: Check = {
  name: "security-headers",
  promise: "every answer has the security headers, and none that names the program",
  async run({ environment: { name }, urls, outside }) {
    const remedy = `npm run deploy -- ${name}; if it stays, see what stands in front of Traefik`;
    const findings = await Promise.all(
      Object.values(urls).map(async (url): Promise<Finding[]> => {
        const { headers } = await outside.ask(`${url}/`);
        const wrong = Object.entries(WANTED).filter(([header, form]) => !form.test(headers[header] ?? ""));
        return [
          ...wrong.map(([header]) => ({
            problem: `${url} answers ${headers[header] === undefined ? `without ${header}` : `${header}: ${headers[header]}`}`,
            remedy,
          })),
          ...UNWANTED.filter((header) => headers[header] !== undefined).map((header) => ({ problem: `${url} tells ${header}: ${headers[header]}`, remedy })),
        ];
      }),
    );
    return findings.flat();
  },
};
