import type { Dashboard, DashboardSettings, Panel } from "../dashboard";
import { orZero } from "../promql";

/** Who tries to get in, and what keeps them out. */
export const dashboard: Dashboard = {
  id: "security",
  title: "Security",
  about: "Who tries to get in, and what keeps them out.",
  rows: (settings) => ({ "Log-ins": logins(), Attacks: attacks(), "The host": host(settings), Certificates: certificates() }),
};

function logins(): Panel[] {
  return [
    {
      title: "Failed login attempts",
      kind: "timeseries",
      unit: "ops",
      metric: "Failed login attempts",
      queries: [
        { expr: orZero('sum(rate(authelia_authn_duration_count{success="false"}[$__rate_interval]))'), legend: "portal" },
        { expr: "rate(bookstack_failed_logins_total[$__rate_interval])", legend: "wiki" },
        { expr: orZero("sum(rate(host_ssh_failed_logins_total[$__rate_interval]))"), legend: "host" },
      ],
    },
    {
      title: "Log-ins that succeeded",
      kind: "timeseries",
      unit: "ops",
      queries: [
        { expr: orZero('sum(rate(authelia_authn_duration_count{success="true"}[$__rate_interval]))'), legend: "portal" },
        { expr: "rate(bookstack_logins_total[$__rate_interval])", legend: "wiki" },
      ],
    },
    {
      title: "Requests that the portal was asked about",
      kind: "timeseries",
      unit: "reqps",
      queries: [{ expr: orZero("sum by (code) (rate(authelia_authz[$__rate_interval]))"), legend: "{{code}}" }],
    },
    {
      title: "Requests refused by the edge",
      kind: "timeseries",
      unit: "reqps",
      queries: [{ expr: orZero('sum by (code) (rate(traefik_entrypoint_requests_total{code=~"401|403|429"}[$__rate_interval]))'), legend: "{{code}}" }],
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
      about: "Attacks that were found, by kind.",
      queries: [{ expr: orZero("sum by (reason) (cs_alerts)"), legend: "{{reason}}" }],
    },
    {
      title: "Banned addresses",
      kind: "timeseries",
      unit: "short",
      stacked: true,
      queries: [{ expr: orZero("sum by (reason) (cs_active_decisions)"), legend: "{{reason}}" }],
    },
    {
      title: "Lines of logs that CrowdSec read",
      kind: "timeseries",
      unit: "ops",
      queries: [{ expr: orZero("sum by (source) (rate(cs_filesource_hits_total[$__rate_interval]))"), legend: "{{source}}" }],
    },
    {
      title: "How often the edge asks who is banned",
      kind: "timeseries",
      unit: "ops",
      queries: [{ expr: orZero("sum by (bouncer) (rate(cs_lapi_bouncer_requests_total[$__rate_interval]))"), legend: "{{bouncer}}" }],
    },
  ];
}

function host({ host: hardened }: DashboardSettings): Panel[] {
  return [
    {
      title: "Firewall blocks",
      kind: "timeseries",
      unit: "pps",
      metric: "Firewall blocks",
      about: "0 where the host is not hardened by this repository.",
      queries: [{ expr: orZero("sum(rate(host_firewall_blocks_total[$__rate_interval]))"), legend: "turned away" }],
    },
    { title: "Bans of Fail2Ban", kind: "timeseries", unit: "short", queries: [{ expr: orZero("sum by (jail) (host_fail2ban_banned)"), legend: "{{jail}}" }] },
    ...(hardened
      ? ([
          { title: "Security updates that wait", kind: "stat", unit: "short", steps: [1, 10], queries: [{ expr: orZero("host_security_updates_pending") }] },
          { title: "Wants a restart", kind: "stat", unit: "bool_yes_no", steps: [0.5, 1], queries: [{ expr: orZero("host_reboot_required") }] },
          { title: "Differs from how it was set up", kind: "stat", unit: "short", steps: [1, 2], queries: [{ expr: orZero("sum(host_step_drift)") }] },
          {
            title: "Events that auditd wrote down",
            kind: "timeseries",
            unit: "ops",
            queries: [{ expr: orZero("rate(host_audit_events_total[$__rate_interval])"), legend: "events" }],
          },
        ] as const)
      : []),
  ];
}

function certificates(): Panel[] {
  return [
    {
      title: "SSL certificate expiration, days left",
      kind: "timeseries",
      unit: "d",
      steps: [30, 7],
      metric: "SSL certificate expiration",
      queries: [{ expr: "(min by (cn) (traefik_tls_certs_not_after) - time()) / 86400", legend: "{{cn}}" }],
    },
  ];
}
