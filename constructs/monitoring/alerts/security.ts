import { Duration } from "../../core/duration";
import type { Alert, AlertFamily, AlertSettings } from "../alert";
import { counted, seconds } from "../promql";

export const family: AlertFamily = {
  name: "security",
  title: "Attacks, and what keeps them out",
  alerts: (settings: AlertSettings) => [...people(settings), ...edge(settings), ...(settings.host ? host(settings) : [])],
};

function people({ window, thresholds: { failedLogins } }: AlertSettings): Alert[] {
  const w = seconds(window);
  return [
    {
      name: "FailedLoginsPortal",
      severity: "warning",
      expression: `sum by (job) (${counted('authelia_authn_duration_count{success="false"}', w)}) > ${failedLogins}`,
      lasts: Duration.seconds(0),
      metric: "Failed login attempts",
      summary: "{{ $value | humanize }} log-ins at the portal failed",
      first: "Read the log of authelia: one account, or many? Authelia closes the account, CrowdSec bans the address.",
    },
    {
      name: "FailedLoginsWiki",
      severity: "warning",
      expression: `increase(bookstack_failed_logins_total[${w}]) > ${failedLogins}`,
      lasts: Duration.seconds(0),
      metric: "Failed login attempts",
      summary: "{{ $value | humanize }} log-ins at the wiki itself failed",
      first: "Is signOn.breakGlass still set? Take it out. CrowdSec bans addresses that guess.",
    },
  ];
}

function edge({ window, interval, thresholds: { bans, certificateDays } }: AlertSettings): Alert[] {
  const w = seconds(window);
  return [
    {
      name: "BansSurge",
      severity: "warning",
      expression: `sum by (job) (cs_active_decisions{origin=~"crowdsec|cscli"}) - (sum by (job) (cs_active_decisions{origin=~"crowdsec|cscli"} offset ${w}) or sum by (job) (cs_info) * 0) > ${bans}`,
      lasts: Duration.seconds(0),
      metric: "CrowdSec alerts",
      summary: "{{ $value | humanize }} more addresses are banned than before",
      first: "cscli alerts list shows what they did. They are kept out already; do real users stand among them?",
    },
    {
      name: "EdgeAsksNobody",
      severity: "critical",
      // the bouncer asks every ten seconds, a slow source of metrics needs more than two reads
      expression: `sum by (job) (increase(cs_lapi_bouncer_requests_total[${Math.max(120, 6 * interval.seconds)}s])) == 0`,
      metric: "CrowdSec alerts",
      summary: "The reverse proxy has stopped to ask who is banned: new bans have no effect",
      first: "Read the log of traefik for crowdsec; restart it.",
    },
    {
      name: "CertificateExpires",
      severity: "critical",
      expression: `(min by (job, cn) (traefik_tls_certs_not_after) - time()) / 86400 < ${certificateDays}`,
      metric: "SSL certificate expiration",
      summary: "The certificate of {{ $labels.cn }} ends in {{ $value | humanize }} days",
      first:
        "Own authority: let the job make it anew (operations, Certificates). Let's Encrypt: read the log of traefik for acme. Your own: bring the renewed one (npm run certificate).",
    },
  ];
}

function host({ window, thresholds: { failedLogins, bans } }: AlertSettings): Alert[] {
  const w = seconds(window);
  return [
    {
      name: "FailedLoginsHost",
      severity: "warning",
      expression: `sum by (job) (${counted("host_ssh_failed_logins_total", w)}) > ${failedLogins}`,
      lasts: Duration.seconds(0),
      metric: "Failed login attempts",
      summary: "{{ $value | humanize }} log-ins at the host by SSH failed",
      first: "Fail2Ban bans by itself; does SSH have to be open to everybody?",
    },
    {
      name: "HostBansSurge",
      severity: "warning",
      expression: `sum by (job, jail) (${counted("host_fail2ban_bans_total", w)}) > ${bans}`,
      lasts: Duration.seconds(0),
      summary: "Fail2Ban banned {{ $value | humanize }} addresses for {{ $labels.jail }}",
      first: "fail2ban-client status shows them. They are kept out already.",
    },
  ];
}
