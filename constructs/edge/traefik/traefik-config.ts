import type { CertificateFiles, CertificateResolver } from "../../contracts/certificate-source";
import { Duration } from "../../core/duration";
import type { RotatedLogs } from "../../docker/log-file";
import type { Access } from "./access";
import type { Bouncer } from "./bouncer";
import { MAX_HEADER_BYTES, MAX_STREAMS } from "./edge-limits";
import { renderPlugins } from "./plugins";
import type { RateLimits } from "./rate-limit";
import type { RequestQueue } from "./request-queue";
import type { RouteOptions } from "./route-options";
import type { SecurityHeaders } from "./security-headers";

/** The route of one host name. */
export interface Route extends RouteOptions {
  /** Name of the route, in logs and metrics. */
  readonly name: string;
  /** Full host name that clients ask for. */
  readonly hostName: string;
  /** `http://host:port` addresses of the service, each as good as the other. */
  readonly servers: readonly string[];
}

/** An API whose service checks a token in each request, so that its guard requires no session. */
export interface TokenApi {
  /** The path, and all that begin with it. */
  readonly path: string;
  /** First word of `Authorization`. */
  readonly scheme: string;
}

/** How long one request may take. */
export interface RequestTimes {
  /** Until it is there whole: what a client with a slow line needs for the largest body. */
  readonly request: Duration;
  /** From then until the answer begins. */
  readonly answer: Duration;
}

/** Paths that cost so much that only a few requests may be in work at a time. */
export interface CostlyPaths {
  /** At least one; each is a prefix. */
  readonly paths: readonly string[];
  readonly queue: RequestQueue;
}

/** Paths that one page requests many times; a path that ends with `/` includes all below it, and `/` is the first page. */
export interface Assets {
  /** Paths that have the access of their route. */
  readonly guarded?: readonly string[];
  /** Paths with nothing that is worth guarding: no guard is asked about them. */
  readonly open?: readonly string[];
  /**
   * How many requests for open paths are in work at a time.
   * @default - any number
   */
  readonly openQueue?: RequestQueue;
}

/** The host name of Traefik's own dashboard. */
export interface Dashboard {
  readonly hostName: string;
  readonly access: Access;
}

/** The complete configuration of the reverse proxy. */
export interface Edge {
  /** Whether the name of a service resolves to several replicas, which come and go. @default false */
  readonly replicas?: boolean;
  readonly ports: EntryPorts;
  /** Whether clients can reach HTTP/3. */
  readonly http3: boolean;
  readonly routes: readonly Route[];
  readonly dashboard?: Dashboard;
  readonly bouncer?: Bouncer;
  /** Orders certificates. @default - they are files */
  readonly resolver?: CertificateResolver;
  readonly headers: SecurityHeaders;
  /** CIDRs of proxies whose word about the client is taken. */
  readonly proxies: readonly string[];
  readonly rateLimits: RateLimits;
  /** CIDRs of internal networks: containers ask the portal by them. */
  readonly containers: readonly string[];
}

/** Ports that the entry points listen on: those in URLs, so that redirects and links agree. */
export interface EntryPorts {
  readonly http: number;
  readonly https: number;
}

/** Port of metrics and ping, on the internal networks only. */
export const METRICS_PORT = 8080;
/** Port of the health check, on the container's own loopback only. */
export const PROBE_PORT = 8082;
export const ACCESS_LOG = "access.log";
export const ACCESS_LOG_DIRECTORY = "/var/log/traefik";
export const TRAEFIK_LOGS: RotatedLogs = { service: "traefik", directory: ACCESS_LOG_DIRECTORY, files: [ACCESS_LOG], signal: "USR1" };
/** Time within which a request has to be there whole, where no route needs more. */
const READ_TIMEOUT = Duration.seconds(300);
/** Histogram buckets of response times in seconds; Traefik's own end at 5, with none between 1.2 and 5. */
const LATENCY_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10] as const;
/** Where Traefik finds its configuration. */
export const CONFIG_DIRECTORY = "/etc/traefik";

/**
 * Middlewares that every request passes, whatever its route; the one with the headers is first, so that refusals have them too. Requests
 * are counted between the two: what exceeds the limits costs no search.
 */
export const HEADERS = "security-headers";
export const BOUNCER = "crowdsec";

/** `traefik.yml`: what cannot change while Traefik runs. */
export function renderStatic({ ports, http3, routes, dashboard, bouncer, resolver, proxies }: Edge): object {
  const chain = [HEADERS, ...(bouncer ? [BOUNCER] : [])].map((name) => `${name}@file`);
  return {
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    log: { level: "INFO", format: "json" },
    accessLog: {
      filePath: `${ACCESS_LOG_DIRECTORY}/${ACCESS_LOG}`,
      format: "json",
      // one line at a time: a buffer would delay those who watch the log
      bufferingSize: 0,
      fields: { defaultMode: "keep", headers: { defaultMode: "drop", names: { "User-Agent": "keep" } } },
    },
    ping: { entryPoint: "metrics" },
    metrics: {
      prometheus: { entryPoint: "metrics", addEntryPointsLabels: true, addRoutersLabels: true, addServicesLabels: true, buckets: [...LATENCY_BUCKETS] },
    },
    entryPoints: {
      web: {
        address: `:${ports.http}`,
        http: { redirections: { entryPoint: { to: "websecure", scheme: "https", permanent: true } } },
      },
      websecure: {
        address: `:${ports.https}`,
        ...(http3 ? { http3: { advertisedPort: ports.https } } : {}),
        http2: { maxConcurrentStreams: MAX_STREAMS },
        forwardedHeaders: { insecure: false, ...(proxies.length > 0 ? { trustedIPs: [...proxies] } : {}) },
        http: {
          // programs read Remote_User as Remote-User: clients may send neither
          underscoreHeadersStrategy: "delete",
          middlewares: [`${HEADERS}@file`],
          maxHeaderBytes: MAX_HEADER_BYTES,
          tls: { options: "default" },
        },
        transport: {
          lifeCycle: { graceTimeOut: "10s" },
          // an upload over a slow line takes its time; one that never ends does not hold a connection for good
          respondingTimeouts: { readTimeout: `${readTimeout(routes)}`, idleTimeout: "3m" },
        },
      },
      metrics: { address: `:${METRICS_PORT}` },
      // the same chain as a client's request: when it is broken, the health check says so
      probe: { address: `127.0.0.1:${PROBE_PORT}`, http: { middlewares: [...chain] } },
    },
    ...(resolver ? { certificatesResolvers: resolver.settings } : {}),
    ...(dashboard ? { api: { dashboard: true, insecure: false } } : {}),
    ...renderPlugins({ routes, bouncer }),
    providers: { file: { directory: `${CONFIG_DIRECTORY}/dynamic`, watch: false } },
  };
}

/** An entry point has one for all its routes: the longest that one of them needs. */
function readTimeout(routes: readonly Route[]): Duration {
  return Duration.seconds(Math.max(...routes.map(({ times }) => times?.request.seconds ?? 0), READ_TIMEOUT.seconds));
}

/** `dynamic/tls.yml`: TLS 1.3 only, for the names of the certificate only. */
export function renderTls(certificate?: CertificateFiles): object {
  return {
    tls: {
      ...(certificate ? { certificates: [certificate] } : {}),
      // the name "default" makes it hold for unknown host names too
      options: { default: { minVersion: "VersionTLS13", sniStrict: true, curvePreferences: ["X25519MLKEM768", "X25519", "CurveP256"] } },
    },
  };
}
