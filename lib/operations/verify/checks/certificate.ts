import type { Environment } from "../../../environment/schema";
import { endsTlsInFront } from "../../../stack/addresses";
import { containerName } from "../../../stack/names";
import { endFindings, leastDays, renewalLog } from "../certificates";
import type { Check, Finding } from "../check";

/** How a certificate is renewed, by who signs it. */
const RENEWALS: Readonly<Record<Environment["tls"]["issuer"], (environment: Environment) => string>> = {
  local: (environment) => `${renewalLog(environment)} says why it was not renewed`,
  letsencrypt: ({ name }) => `docker logs ${containerName(name, "traefik")} says why it was not renewed`,
  files: ({ name }) => `npm run certificate -- ${name} fullchain.pem privkey.pem, with a certificate that was renewed`,
};

const IN_FRONT = "renew the certificate of what is in front of the wiki; it is the one that browsers see";

export const check: Check = {
  name: "certificate",
  promise: "every name has a certificate that browsers accept and that does not end soon",
  async run({ environment, urls, outside, now }) {
    const renew = endsTlsInFront(environment) ? IN_FRONT : RENEWALS[environment.tls.issuer](environment);
    const findings = await Promise.all(
      Object.values(urls).map(async (url): Promise<Finding[]> => {
        // a proxy in front may support only older versions, which tls-versions reports
        const shown = (await outside.shakeHands(url, "TLSv1.3")) ?? (await outside.shakeHands(url, "TLSv1.2"));
        if (shown === undefined) return [{ problem: `${url} shows no certificate`, remedy: "make sure that Traefik runs and the port is forwarded to it" }];
        return [
          ...(shown.distrusted === undefined ? [] : [{ problem: `${url}: ${shown.distrusted}`, remedy: renew }]),
          ...endFindings(`${url}: the certificate`, shown.validTo, now(), leastDays(environment), renew),
        ];
      }),
    );
    return findings.flat();
  },
};
