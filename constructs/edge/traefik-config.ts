import type { Access, IForwardAuth } from "./access";
import { type Bouncer, renderBouncer, renderPlugins } from "./decision-source";

/** Where one host name leads. */
export interface Route {
  /** Name of the route, in logs and metrics. */
  readonly name: string;
  /** Full host name that clients ask for. */
  readonly hostName: string;
  /** `http://host:port` addresses of the service, each as good as the other. */
  readonly servers: readonly string[];
  readonly access: Access;
}

/** The host name of Traefik's own dashboard. */
export interface Dashboard {
  readonly hostName: string;
  readonly access: Access;
}

/** Everything that the edge was told to do. */
export interface Edge {
  readonly routes: readonly Route[];
  readonly dashboard: Dashboard | undefined;
  readonly bouncer: Bouncer | undefined;
}

/** Ports that the entry points listen on; the published ones are the same inside and outside, so that redirects and URLs agree. */
export interface EntryPorts {
  readonly http: number;
  readonly https: number;
}

/** Port of metrics and ping, on the internal networks only. */
export const METRICS_PORT = 8080;
/** Port of the health check, on the container's own loopback only. */
export const PROBE_PORT = 8082;
/** Name of the route that the health check takes; no other may have it. */
export const PROBE_ROUTE = "probe";
/** Name of the route to the dashboard. */
export const DASHBOARD_ROUTE = "dashboard";
/** Name of the middleware that asks for bans. */
const BOUNCER = "crowdsec";
export const ACCESS_LOG_DIRECTORY = "/var/log/traefik";
/** Where Traefik finds its configuration. */
export const CONFIG_DIRECTORY = "/etc/traefik";

/** `traefik.yml`: what cannot change while Traefik runs. */
export function renderStatic(ports: EntryPorts, { dashboard, bouncer }: Omit<Edge, "routes">): object {
  const chain = bouncer ? { middlewares: [`${BOUNCER}@file`] } : {};
  return {
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    log: { level: "INFO", format: "json" },
    accessLog: {
      filePath: `${ACCESS_LOG_DIRECTORY}/access.log`,
      format: "json",
      // one line at a time: a buffer would delay those who watch the log
      bufferingSize: 0,
      fields: { defaultMode: "keep", headers: { defaultMode: "drop", names: { "User-Agent": "keep" } } },
    },
    ping: { entryPoint: "metrics" },
    metrics: { prometheus: { entryPoint: "metrics", addEntryPointsLabels: true, addRoutersLabels: true, addServicesLabels: true } },
    entryPoints: {
      web: {
        address: `:${ports.http}`,
        http: { redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } } },
      },
      websecure: { address: `:${ports.https}`, http: { ...chain, tls: { options: "default" } } },
      metrics: { address: `:${METRICS_PORT}` },
      probe: { address: `127.0.0.1:${PROBE_PORT}`, ...(bouncer ? { http: chain } : {}) },
    },
    ...(dashboard ? { api: { dashboard: true, insecure: false } } : {}),
    ...(bouncer ? { experimental: renderPlugins() } : {}),
    providers: { file: { directory: `${CONFIG_DIRECTORY}/dynamic`, watch: false } },
  };
}

/** `dynamic/tls.yml`: TLS 1.3 only, for the names of the certificate only. */
export function renderTls(certFile: string, keyFile: string): object {
  return {
    tls: {
      certificates: [{ certFile, keyFile }],
      // the name "default" makes it hold for unknown host names too
      options: { default: { minVersion: "VersionTLS13", sniStrict: true, curvePreferences: ["X25519MLKEM768", "X25519", "CurveP256"] } },
    },
  };
}

/** `dynamic/routes.yml`: a router and a service for each route, and the probe of the health check. */
export function renderRoutes({ routes, dashboard, bouncer }: Edge): object {
  const guarded = [...routes, ...(dashboard ? [{ ...dashboard, name: DASHBOARD_ROUTE }] : [])];
  const middlewares = Object.fromEntries([
    ...guarded.flatMap(({ name, access }) => (access.guard ? [[guardOf(name), renderGuard(access.guard)]] : [])),
    ...(bouncer ? [[BOUNCER, renderBouncer(bouncer)]] : []),
  ]);
  return {
    http: {
      routers: {
        ...Object.fromEntries(routes.map((route) => [route.name, router(route, route.name)])),
        ...(dashboard ? { [DASHBOARD_ROUTE]: router({ ...dashboard, name: DASHBOARD_ROUTE }, "api@internal") } : {}),
        // answered by Traefik itself, but only when this file was read: the plain ping says OK even when every route is gone
        [PROBE_ROUTE]: { rule: "Path(`/probe`)", entryPoints: ["probe"], service: "ping@internal" },
      },
      services: Object.fromEntries(routes.map(({ name, servers }) => [name, { loadBalancer: { servers: servers.map((url) => ({ url })) } }])),
      ...(Object.keys(middlewares).length > 0 ? { middlewares } : {}),
    },
  };
}

function router({ name, hostName, access }: Pick<Route, "name" | "hostName" | "access">, service: string): object {
  const chain = access.guard ? { middlewares: [guardOf(name)] } : {};
  return { rule: `Host(\`${hostName}\`)`, entryPoints: ["websecure"], ...chain, service, tls: {} };
}

/** Name of the middleware that asks the guard of a route. */
function guardOf(route: string): string {
  return `${route}-guard`;
}

function renderGuard({ forwardAuthAddress, forwardAuthHeaders }: IForwardAuth): object {
  return {
    forwardAuth: {
      address: forwardAuthAddress,
      // what Traefik says of the request is its own word: it takes none of it from clients
      trustForwardHeader: true,
      maxResponseBodySize: 8192,
      authResponseHeaders: [...forwardAuthHeaders],
    },
  };
}
