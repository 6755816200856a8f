import { containerName } from "../../../stack/names";
import type { Cause, Finding } from "../cause";
import { isDeployed } from "../facts";

const DAY = 24 * 60 * 60 * 1000;

export const cause: Cause = {
  name: "certificate",
  looksAt: "browsers accept the certificate of every name",
  likelihood: 85,
  find(facts) {
    if (!isDeployed(facts)) return undefined;
    const { addresses, environment, now } = facts;
    const remedy = REMEDIES[environment.tls.issuer](environment.name);
    const [unknown] = addresses.flatMap(({ certificate }) => ("unknown" in certificate ? [certificate.unknown] : []));
    const found = addresses.flatMap(({ name, certificate }): Finding[] => {
      if ("unknown" in certificate) return [];
      const shown = certificate.value;
      if (shown === undefined)
        return [{ problem: `${name} shows no certificate`, remedy: `docker logs --tail 50 ${containerName(environment.name, "traefik")}` }];
      const days = Math.floor((shown.validTo.getTime() - now.getTime()) / DAY);
      if (days < 0) return [{ problem: `the certificate of ${name} ended ${-days} days ago`, remedy }];
      if (shown.distrusted !== undefined)
        return [{ problem: `browsers do not accept the certificate of ${name}: ${MEANINGS[shown.distrusted] ?? shown.distrusted}`, remedy }];
      return days < environment.alerts.thresholds.certificateDays ? [{ problem: `the certificate of ${name} ends in ${days} days`, remedy, mild: true }] : [];
    });
    return found.length === 0 && unknown !== undefined ? unknown : found;
  },
};

const REMEDIES = {
  local: (name: string) => `npm run ca -- ${name}   # import it in browsers; docker logs ${containerName(name, "certificates")}`,
  letsencrypt: (name: string) => `docker logs ${containerName(name, "traefik")} 2>&1 | grep -i acme`,
  files: (name: string) => `npm run certificate -- ${name} fullchain.pem privkey.pem`,
} as const;

/** What OpenSSL calls it → what it means. */
const MEANINGS: Readonly<Record<string, string>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: "it is for other names",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its chain is not complete, or another authority signed it",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its chain is not complete, or another authority signed it",
  SELF_SIGNED_CERT_IN_CHAIN: "its authority is not known to browsers",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed: Traefik has no certificate for this name yet",
};
