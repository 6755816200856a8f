import type { Dashboard, Panel } from "../dashboard";
import { orZero } from "../promql";

const ENTRY = 'entrypoint="websecure"';
const quantile = (share: number, by: string) =>
  `histogram_quantile(${share}, sum by (le, ${by}) (rate(traefik_service_request_duration_seconds_bucket[$__rate_interval]))) >= 0`;

/** The reverse proxy. */
export const dashboard: Dashboard = {
  id: "traefik",
  title: "Traefik",
  about: "The reverse proxy: what came in, what it was answered, and how long that took. Stands in for 17346, and for 12250, which is Traefik's.",
  rows: () => ({ "At a glance": glance(), Requests: requests(), Connections: connections() }),
};

function glance(): Panel[] {
  return [
    {
      title: "Requests per second",
      kind: "stat",
      unit: "reqps",
      queries: [{ expr: orZero(`sum(rate(traefik_entrypoint_requests_total{${ENTRY}}[$__rate_interval]))`) }],
    },
    {
      title: "Refused for too many",
      kind: "stat",
      unit: "reqps",
      queries: [{ expr: orZero(`sum(rate(traefik_entrypoint_requests_total{${ENTRY},code="429"}[$__rate_interval]))`) }],
    },
    {
      title: "Refused as banned, or by a rule",
      kind: "stat",
      unit: "reqps",
      queries: [{ expr: orZero(`sum(rate(traefik_entrypoint_requests_total{${ENTRY},code="403"}[$__rate_interval]))`) }],
    },
    {
      title: "Errors",
      kind: "stat",
      unit: "reqps",
      steps: [0.1, 1],
      queries: [{ expr: orZero(`sum(rate(traefik_entrypoint_requests_total{${ENTRY},code=~"5.."}[$__rate_interval]))`) }],
    },
    { title: "Configuration loaded since", kind: "stat", unit: "s", queries: [{ expr: "time() - traefik_config_last_reload_success" }] },
    { title: "Certificate, days left", kind: "stat", unit: "d", steps: [30, 7], queries: [{ expr: "(min(traefik_tls_certs_not_after) - time()) / 86400" }] },
  ];
}

function requests(): Panel[] {
  return [
    {
      title: "Requests by status",
      kind: "timeseries",
      unit: "reqps",
      stacked: true,
      queries: [{ expr: orZero(`sum by (code) (rate(traefik_entrypoint_requests_total{${ENTRY}}[$__rate_interval]))`), legend: "{{code}}" }],
    },
    {
      title: "Requests by service",
      kind: "timeseries",
      unit: "reqps",
      stacked: true,
      queries: [{ expr: orZero("sum by (service) (rate(traefik_service_requests_total[$__rate_interval]))"), legend: "{{service}}" }],
    },
    {
      title: "Response time by service, 19 of 20",
      kind: "timeseries",
      unit: "s",
      queries: [{ expr: orZero(quantile(0.95, "service")), legend: "{{service}}" }],
    },
    {
      title: "Response time by service, half of all",
      kind: "timeseries",
      unit: "s",
      queries: [{ expr: orZero(quantile(0.5, "service")), legend: "{{service}}" }],
    },
  ];
}

function connections(): Panel[] {
  return [
    {
      title: "Open connections",
      kind: "timeseries",
      unit: "short",
      queries: [{ expr: orZero("sum by (entrypoint, protocol) (traefik_open_connections)"), legend: "{{entrypoint}} {{protocol}}" }],
    },
    {
      title: "Requests by version of TLS",
      kind: "timeseries",
      unit: "reqps",
      queries: [{ expr: orZero("sum by (tls_version) (rate(traefik_entrypoint_requests_tls_total[$__rate_interval]))"), legend: "{{tls_version}}" }],
    },
    {
      title: "Bytes in",
      kind: "timeseries",
      unit: "Bps",
      queries: [{ expr: orZero("sum by (entrypoint) (rate(traefik_entrypoint_requests_bytes_total[$__rate_interval]))"), legend: "{{entrypoint}}" }],
    },
    {
      title: "Bytes out",
      kind: "timeseries",
      unit: "Bps",
      queries: [{ expr: orZero("sum by (entrypoint) (rate(traefik_entrypoint_responses_bytes_total[$__rate_interval]))"), legend: "{{entrypoint}}" }],
    },
  ];
}
