import { Duration } from "../../core/duration";
import { type Alert, type AlertFamily, type AlertSettings, containerName } from "../alert";
import { ALERT_SOURCES, missing } from "../alert-sources";
import { count, counted, seconds } from "../promql";

const CROWDSEC = containerName("crowdsec");
const TRAEFIK = containerName("traefik");
/** The edge alone, which may ask from another address after a restart; the host's firewall asks, too. */
const EDGE = 'bouncer=~"key_traefik(@.*)?"';

export const family: AlertFamily = {
  name: "security",
  title: "Attacks, and what keeps them out",
  alerts: (settings: AlertSettings) => [...people(settings), ...edge(settings), ...unknown(), ...(settings.host ? host(settings) : [])],
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
      summary: `${count()} logins at the portal failed`,
      first: `Read docker logs --tail 100 ${containerName("authelia")}: one account, or many? Authelia locks the account, CrowdSec bans the address.`,
    },
    {
      name: "FailedLoginsWiki",
      severity: "warning",
      expression: `increase(bookstack_failed_logins_total[${w}]) > ${failedLogins}`,
      lasts: Duration.seconds(0),
      metric: "Failed login attempts",
      summary: `${count()} logins at the wiki itself failed`,
      first: "Is signOn.breakGlass still set? Remove it and deploy. CrowdSec bans addresses that guess passwords.",
    },
  ];
}

function edge({ window, interval, thresholds: { bans } }: AlertSettings): Alert[] {
  const w = seconds(window);
  const own = 'cs_active_decisions{origin=~"crowdsec|cscli"}';
  const asked = `cs_lapi_bouncer_requests_total{${EDGE}}`;
  return [
    {
      name: "BansSurge",
      severity: "warning",
      // no decision before is none only if CrowdSec was read then
      expression: `sum by (job) (${own}) - (sum by (job) (${own} offset ${w}) or sum by (job) (cs_info offset ${w}) * 0) > ${bans}`,
      lasts: Duration.seconds(0),
      metric: "CrowdSec alerts",
      summary: `${count()} more addresses are banned than before`,
      first: `See what they did: docker exec ${CROWDSEC} cscli alerts list. They are blocked already; are real users among them?`,
    },
    {
      name: "EdgeAsksNobody",
      severity: "critical",
      // the bouncer asks every ten seconds, a slow source of metrics needs more than two reads; one that never asked has no series
      expression: `(sum by (job) (increase(${asked}[${Math.max(120, 6 * interval.seconds)}s])) or sum by (job) (cs_info) * 0) == 0`,
      metric: "CrowdSec alerts",
      summary: "The reverse proxy has stopped polling CrowdSec for bans: new bans have no effect",
      first: `Read docker logs --tail 100 ${TRAEFIK} for crowdsec, then docker restart ${TRAEFIK}.`,
    },
  ];
}

function unknown(): Alert[] {
  return [
    {
      name: "EdgeUnknown",
      severity: "critical",
      expression: missing(ALERT_SOURCES.edge),
      summary: "Metrics of the reverse proxy are missing: certificates, errors and response times are not known",
      first: `Open the wiki; read docker logs --tail 50 ${TRAEFIK}, then docker restart ${TRAEFIK}.`,
    },
    {
      name: "CrowdSecUnknown",
      severity: "critical",
      expression: missing(ALERT_SOURCES.crowdsec),
      summary: "Metrics of CrowdSec are missing: whether attacks are detected is not known",
      first: `Run docker exec ${CROWDSEC} cscli lapi status and docker logs --tail 50 ${CROWDSEC}, then docker restart ${CROWDSEC}.`,
    },
    {
      name: "PortalUnknown",
      severity: "critical",
      expression: missing(ALERT_SOURCES.portal),
      summary: "Metrics of the login portal are missing: failed logins are not counted",
      first: `Sign in at the portal; read docker logs --tail 50 ${containerName("authelia")}, then docker restart ${containerName("authelia")}.`,
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
      summary: `${count()} SSH logins at the host failed`,
      first: "Fail2Ban bans automatically. Does SSH have to be reachable from everywhere? host.sshFrom limits it.",
    },
    {
      name: "HostBansSurge",
      severity: "warning",
      expression: `sum by (job, jail) (${counted("host_fail2ban_bans_total", w)}) > ${bans}`,
      lasts: Duration.seconds(0),
      summary: `Fail2Ban banned ${count()} addresses (jail {{ $labels.jail }})`,
      first: "See which: fail2ban-client status {{ $labels.jail }} on the host. They are blocked already; are real users among them?",
    },
  ];
}
