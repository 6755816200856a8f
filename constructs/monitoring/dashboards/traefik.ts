import type { Dashboard, DashboardSettings } from "../dashboard";
import type { Panel } from "../panel";
import { TRAEFIK } from "../source";

const ENTRY = 'entrypoint="websecure"';
const quantile = (share: number) =>
  `histogram_quantile(${share}, sum by (le, service) (rate(traefik_service_request_duration_seconds_bucket[$__rate_interval]))) >= 0`;
const requestsPerSecond = (matchers: string, window = "5m") => `rate(traefik_entrypoint_requests_total{${matchers}}[${window}])`;
const refused = (code: number) => TRAEFIK.count("sum", `round(increase(traefik_entrypoint_requests_total{${ENTRY},code="${code}"}[1h]))`);

/** The reverse proxy. */
export const dashboard: Dashboard = {
  id: "traefik",
  title: "Traefik",
  about: "The reverse proxy: requests, responses and response times. Replaces dashboards 17346 and 12250.",
  rows: (settings) => ({ "At a glance": glance(settings), Requests: requests(), Connections: connections() }),
};

function glance(settings: DashboardSettings): Panel[] {
  const { certificateDays } = settings.thresholds;
  return [
    {
      title: "Request rate",
      kind: "stat",
      unit: "reqps",
      about: "Requests per second, on average over the last five minutes.",
      queries: [TRAEFIK.count("sum", requestsPerSecond(ENTRY))],
    },
    {
      title: "Rate limited, 1 h",
      kind: "stat",
      unit: "short",
      about: "Requests that were refused with 429 in the last hour, because their client exceeded its rate limit.",
      queries: [refused(429)],
    },
    {
      title: "Forbidden, 1 h",
      kind: "stat",
      unit: "short",
      about: "Requests that were refused with 403 in the last hour, because of a ban or a rule.",
      queries: [refused(403)],
    },
    {
      title: "Errors",
      kind: "stat",
      unit: "percentunit",
      steps: { worse: "above", yellow: 0.9 * (settings.thresholds.errorPercent / 100), red: settings.thresholds.errorPercent / 100 },
      about: `Share of the answers in the last five minutes that were errors (5xx) of a service or of the proxy. Red from ${settings.thresholds.errorPercent} % on (errorPercent).`,
      queries: [TRAEFIK.count("sum", `sum(${requestsPerSecond(`${ENTRY},code=~"5.."`)}) / (sum(${requestsPerSecond(ENTRY)}) > 0)`)],
    },
    {
      title: "Configuration age",
      kind: "stat",
      unit: "dtdurations",
      decimals: 1,
      about: "Time since Traefik last read its configuration. It reads it at its start.",
      queries: [TRAEFIK.value("max", "time() - traefik_config_last_reload_success")],
    },
    {
      title: "Certificate expiry",
      kind: "stat",
      unit: "suffix:days",
      decimals: 0,
      steps: { worse: "below", yellow: Math.ceil(1.5 * certificateDays), red: certificateDays },
      about: `Days until the first certificate of the reverse proxy expires. Red below ${certificateDays} days (certificateDays): renewal has failed by then.`,
      queries: [TRAEFIK.value("min", "(max by (cn) (traefik_tls_certs_not_after) - time()) / 86400")],
    },
  ];
}

function requests(): Panel[] {
  return [
    {
      title: "Requests by status",
      kind: "timeseries",
      unit: "reqps",
      stacked: true,
      statusCodes: true,
      about: "Answers per second by status code, stacked: green 2xx, blue 3xx, orange 4xx, red 5xx.",
      queries: [TRAEFIK.events(`sum by (code) (${requestsPerSecond(ENTRY, "$__rate_interval")})`, "{{code}}")],
    },
    {
      title: "Requests by service",
      kind: "timeseries",
      unit: "reqps",
      stacked: true,
      about: "Requests per second by the service that answered them, stacked.",
      queries: [TRAEFIK.events("sum by (service) (rate(traefik_service_requests_total[$__rate_interval]))", "{{service}}")],
    },
    {
      title: "Response time by service, p95",
      kind: "timeseries",
      unit: "s",
      about: "Time within which 95 % of the requests to each service were answered. A gap means no request.",
      queries: [TRAEFIK.events(quantile(0.95), "{{service}}")],
    },
    {
      title: "Response time by service, median",
      kind: "timeseries",
      unit: "s",
      about: "Time within which half of the requests to each service were answered. A gap means no request.",
      queries: [TRAEFIK.events(quantile(0.5), "{{service}}")],
    },
  ];
}

function connections(): Panel[] {
  return [
    {
      title: "Open connections",
      kind: "timeseries",
      unit: "short",
      about: "Connections that are open now, by entry point: web is HTTP, websecure is HTTPS, metrics and probe are internal.",
      queries: [TRAEFIK.events("sum by (entrypoint, protocol) (traefik_open_connections)", "{{entrypoint}} {{protocol}}")],
    },
    {
      title: "Requests by TLS version",
      kind: "timeseries",
      unit: "reqps",
      about: "Requests per second by the version of TLS. Only 1.3 is accepted.",
      queries: [TRAEFIK.events("sum by (tls_version) (rate(traefik_entrypoint_requests_tls_total[$__rate_interval]))", "{{tls_version}}")],
    },
    {
      title: "Bytes received",
      kind: "timeseries",
      unit: "Bps",
      about: "Bytes of requests per second, by entry point.",
      queries: [TRAEFIK.events("sum by (entrypoint) (rate(traefik_entrypoint_requests_bytes_total[$__rate_interval]))", "{{entrypoint}}")],
    },
    {
      title: "Bytes sent",
      kind: "timeseries",
      unit: "Bps",
      about: "Bytes of answers per second, by entry point.",
      queries: [TRAEFIK.events("sum by (entrypoint) (rate(traefik_entrypoint_responses_bytes_total[$__rate_interval]))", "{{entrypoint}}")],
    },
  ];
}
