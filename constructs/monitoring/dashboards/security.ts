import { AUTHORITY, AUTHORITY_MORE_DAYS, CERTIFICATE_SECONDS } from "../certificates";
import type { Dashboard, DashboardSettings } from "../dashboard";
import { ANY_IS_WARNING, type Panel, type State } from "../panel";
import { counted, seconds } from "../promql";
import { AUTHELIA, CROWDSEC, HOST_CHECKS, TARGETS, TRAEFIK, WIKI } from "../source";

/** Who tries to get in, and what keeps them out. */
export const dashboard: Dashboard = {
  id: "security",
  title: "Security",
  about: "Who tries to get in, and what keeps them out.",
  rows: (settings) => ({
    Logins: logins(settings),
    Attacks: attacks(),
    ...(settings.host ? { "Hardened host": hardenedHost() } : {}),
    "Firewall and certificates": [firewall(settings), certificates(settings)],
  }),
};

/** Grafana's own length of a bar. */
const BAR = "$__rate_interval";
const OWN = 'origin=~"crowdsec|cscli"';

function logins({ host, window, thresholds: { failedLogins } }: DashboardSettings): Panel[] {
  return [
    {
      title: "Failed login attempts",
      kind: "timeseries",
      unit: "short",
      counts: true,
      metric: "Failed login attempts",
      about: `Failed logins per bar (5 minutes or more): at the portal, at the wiki itself and by SSH. An alert comes above ${failedLogins} (failedLogins) within ${seconds(window)}.`,
      queries: [
        AUTHELIA.count("sum", `round(${counted('authelia_authn_duration_count{success="false"}', BAR)})`, "portal"),
        WIKI.count("sum", `round(increase(bookstack_failed_logins_total[${BAR}]))`, "wiki"),
        ...(host ? [HOST_CHECKS.count("sum", `round(${counted("host_ssh_failed_logins_total", BAR)})`, "SSH")] : []),
      ],
    },
    {
      title: "Successful logins",
      kind: "timeseries",
      unit: "short",
      counts: true,
      about: "Successful logins per bar (5 minutes or more). One person counts twice, at the portal and at the wiki.",
      queries: [
        AUTHELIA.count("sum", `round(${counted('authelia_authn_duration_count{success="true"}', BAR)})`, "portal"),
        WIKI.count("sum", `round(increase(bookstack_logins_total[${BAR}]))`, "wiki"),
      ],
    },
    {
      title: "Decisions of the portal",
      kind: "timeseries",
      unit: "reqps",
      statusCodes: true,
      about: "Requests per second that the reverse proxy asked the portal about: 200 is let through, 302 and 401 are sent to the login page, 403 is refused.",
      queries: [AUTHELIA.events(`sum by (code) (rate(authelia_authz[${BAR}]))`, "{{code}}")],
    },
    {
      title: "Requests refused by the reverse proxy",
      kind: "timeseries",
      unit: "short",
      counts: true,
      about: "Refused requests per bar (5 minutes or more). 401: not signed in. 403: banned, or refused by a rule. 429: over the rate limit.",
      queries: [TRAEFIK.events(`round(sum by (code) (increase(traefik_entrypoint_requests_total{code=~"401|403|429"}[${BAR}])))`, "{{code}}")],
    },
  ];
}

function attacks(): Panel[] {
  return [
    {
      title: "CrowdSec alerts",
      kind: "timeseries",
      unit: "short",
      metric: "CrowdSec alerts",
      about: "Attacks that CrowdSec has found and still remembers: all, and by scenario.",
      queries: [CROWDSEC.count("sum", "cs_alerts", "all"), CROWDSEC.events("sum by (reason) (cs_alerts)", "{{reason}}")],
    },
    {
      title: "Banned addresses: own",
      kind: "timeseries",
      unit: "short",
      about: "Addresses that this CrowdSec has banned itself, or that an administrator banned with cscli: all, and by scenario.",
      queries: [CROWDSEC.count("sum", `cs_active_decisions{${OWN}}`, "all"), CROWDSEC.events(`sum by (reason) (cs_active_decisions{${OWN}})`, "{{reason}}")],
    },
    {
      title: "Banned addresses: community and other lists",
      kind: "timeseries",
      unit: "short",
      stacked: true,
      about: "Addresses that are banned because a shared list names them (CrowdSec's community blocklist and others), by origin.",
      queries: [CROWDSEC.events(`sum by (origin) (cs_active_decisions{origin!~"crowdsec|cscli"})`, "{{origin}}")],
    },
    {
      title: "Log lines that CrowdSec reads",
      kind: "timeseries",
      unit: "ops",
      about: "Lines per second, by log. A log without lines for long, while there are requests, is not read any more.",
      queries: [CROWDSEC.events(`sum by (source) (rate(cs_filesource_hits_total[${BAR}]))`, "{{source}}")],
    },
    {
      title: "Requests for the list of bans",
      kind: "timeseries",
      unit: "ops",
      width: 24,
      softMax: 0.2,
      about: "How often each bouncer polls CrowdSec for bans. At 0, new bans have no effect.",
      queries: [CROWDSEC.events(`sum by (bouncer) (rate(cs_lapi_bouncer_requests_total[${BAR}]))`, "{{bouncer}}")],
    },
  ];
}

function hardenedHost(): Panel[] {
  return [
    {
      title: "Security updates",
      kind: "stat",
      unit: "short",
      width: 8,
      steps: ANY_IS_WARNING,
      about: "Security updates that are not installed yet. unattended-upgrades installs them within a day.",
      queries: [HOST_CHECKS.value("max", "host_security_updates_pending")],
    },
    {
      title: "Reboot required",
      kind: "stat",
      unit: "bool_yes_no",
      width: 8,
      steps: ANY_IS_WARNING,
      about: "Whether an update waits for a reboot of the host.",
      queries: [HOST_CHECKS.value("max", "host_reboot_required")],
    },
    {
      title: "Parts with drift",
      kind: "stat",
      unit: "short",
      width: 8,
      steps: ANY_IS_WARNING,
      about: "Host parts that differ from their configuration. The alert HostDrift names them; deploy again.",
      queries: [HOST_CHECKS.value("sum", "host_step_drift")],
    },
    {
      title: "Fail2Ban bans",
      kind: "timeseries",
      unit: "short",
      about: "Addresses that Fail2Ban bans now, by jail.",
      queries: [HOST_CHECKS.events("sum by (jail) (host_fail2ban_banned)", "{{jail}}")],
    },
    {
      title: "Audit events",
      kind: "timeseries",
      unit: "ops",
      about: "Events per second that auditd recorded.",
      queries: [HOST_CHECKS.count("sum", `rate(host_audit_events_total[${BAR}])`, "events")],
    },
  ];
}

function firewall({ host, window, thresholds: { firewallBlocks } }: DashboardSettings): Panel {
  return {
    title: "Firewall blocks",
    kind: "timeseries",
    unit: "short",
    counts: true,
    metric: "Firewall blocks",
    ...(host ? {} : { empty: "No data: the host is not hardened by this project" }),
    about: `Packets per bar (5 minutes or more) that the firewall of a hardened host dropped. An alert comes above ${firewallBlocks} (firewallBlocks) within ${seconds(window)}.`,
    queries: [HOST_CHECKS.events(`sum(round(${counted("host_firewall_blocks_total", BAR)}))`, "dropped")],
  };
}

/** One row for each certificate of the system, an unknown one included. */
function certificates({ certificates: names, thresholds: { certificateDays } }: DashboardSettings): Panel {
  const authorityDays = certificateDays + AUTHORITY_MORE_DAYS;
  const states = names.map((name) => {
    const seconds = `${CERTIFICATE_SECONDS}{certificate="${name}"}`;
    const least = name === AUTHORITY ? authorityDays : certificateDays;
    return `(${seconds} < bool ${86_400 * least}) or (${STATE_UNKNOWN} * absent(${seconds}))`;
  });
  return {
    title: "SSL certificate expiration",
    kind: "table",
    unit: "short",
    metric: "SSL certificate expiration",
    about: `When each certificate expires: as its file says, and as the reverse proxy, the database and Docker show it. Renewal is due below ${certificateDays} days (certificateDays), for the certificate authority below ${authorityDays}.`,
    queries: [TARGETS.series(states.join(" or ")), TARGETS.series(`${CERTIFICATE_SECONDS} / 86400`)],
    columns: [
      { field: "certificate", title: "Certificate" },
      { field: "Value #A", title: "State", states: CERTIFICATE_STATES, filled: true, width: 140 },
      { field: "Value #B", title: "Days left", unit: "suffix:days", decimals: 0, width: 140 },
    ],
    sort: [{ title: "State", descending: true }, { title: "Days left" }],
  };
}

const STATE_UNKNOWN = 2;
const CERTIFICATE_STATES: readonly State[] = [
  { value: 0, text: "valid", color: "green" },
  { value: 1, text: "renewal due", color: "red" },
  { value: STATE_UNKNOWN, text: "unknown", color: "orange" },
];
