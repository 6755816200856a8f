import { type Alert, type AlertFamily, type AlertSettings, containerName, ENVIRONMENT } from "../alert";
import { ALERT_SOURCES, missing } from "../alert-sources";
import { AUTHORITY, AUTHORITY_MORE_DAYS, CERTIFICATE_SECONDS } from "../certificates";
import { count } from "../promql";

/** Share of the days at which it gets urgent. */
const URGENT = 0.5;
const LOGS = `docker logs --tail 50 ${containerName("certificates")} (a hardened host: journalctl -u bookstack-certificates)`;
const RENEW = `Own certificates renew themselves: read ${LOGS}. Let's Encrypt: read docker logs ${containerName("traefik")} for acme. Your own: npm run certificate -- ${ENVIRONMENT} with the renewed one. A CA that you gave: put its successor into the environment file.`;

export const family: AlertFamily = {
  name: "certificates",
  title: "Certificates",
  alerts: ({ certificates, thresholds: { certificateDays } }: AlertSettings): Alert[] => [
    {
      name: "CertificateEndsSoon",
      severity: "warning",
      expression: `${days(`certificate!="${AUTHORITY}"`)} < ${certificateDays}`,
      metric: "SSL certificate expiration",
      summary: `{{ $labels.certificate }} ends in ${count()} days: the certificate was not renewed`,
      first: RENEW,
    },
    {
      name: "CertificateEnds",
      severity: "critical",
      expression: `${days("")} < ${certificateDays * URGENT}`,
      metric: "SSL certificate expiration",
      summary: `{{ $labels.certificate }} ends in ${count()} days: a certificate that is in use`,
      first: RENEW,
    },
    ...(certificates.includes(AUTHORITY) ? [authority(certificateDays + AUTHORITY_MORE_DAYS)] : []),
    {
      name: "CertificateUnknown",
      severity: "warning",
      expression: unknown(certificates),
      summary: "{{ $labels.certificate }}: it is not known when the certificate ends",
      first: `Read ${LOGS}, and docker logs --tail 50 ${containerName("node-exporter")}.`,
    },
    {
      name: "CertificateRenewalFails",
      severity: "warning",
      expression: "certificate_renewal_success == 0",
      summary: "A certificate that ends soon could not be renewed",
      first: `Read ${LOGS}.`,
    },
  ],
};

/** All of them at once where their source is silent, one by one otherwise. Of a job that cannot be read another alert says so. */
function unknown(names: readonly string[]): string {
  const absent = names.map((name) => `absent(${CERTIFICATE_SECONDS}{certificate="${name}"})`).join(" or ");
  const each = `(${absent}) unless on () up{job=~"node-exporter|traefik|bookstack"} == 0`;
  return `label_replace((${missing(ALERT_SOURCES.certificates)}), "certificate", "every certificate", "", "") or on () (${each})`;
}

function days(matcher: string): string {
  return `${CERTIFICATE_SECONDS}${matcher === "" ? "" : `{${matcher}}`} / 86400`;
}

function authority(least: number): Alert {
  return {
    name: "AuthorityEnds",
    severity: "warning",
    expression: `${days(`certificate="${AUTHORITY}"`)} < ${least}`,
    metric: "SSL certificate expiration",
    summary: `The authority of the wiki ends in ${count()} days: devices have to trust its successor before`,
    first: `Run npm run ca -- ${ENVIRONMENT} --renew, then import what it prints on every device; until the end both count.`,
  };
}
