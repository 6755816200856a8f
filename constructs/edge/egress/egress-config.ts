import type { Endpoint } from "../../core/endpoint";

/** Where the egress finds its configuration. */
export const CONFIG_DIRECTORY = "/etc/traefik";
/** Port of the health check, on the container's own loopback only. */
export const PROBE_PORT = 8082;

/** Servers outside that one container may reach, and where the egress listens for it. */
export interface Forwarding {
  /** Address on which the egress listens; never one of the network with a route out. */
  readonly address: string;
  /** Address of the one that may use it, or a range of addresses. */
  readonly client: string;
  /** Servers of a protocol that does not begin with TLS, such as SMTP with STARTTLS: each has its port alone. */
  readonly tcp: readonly Endpoint[];
  /** Servers that use TLS from the first byte: several can share a port, distinguished by the name in the TLS handshake (SNI). */
  readonly tls: readonly Endpoint[];
}

/** Time for one try to reach a server. */
const DIAL_TIMEOUT = "5s";

/** `traefik.yml`: one entry point for each port, and no other. */
export function renderStatic({ address, tcp, tls }: Forwarding): object {
  const ports = [...new Set([...tcp, ...tls].map(({ port }) => port))].sort((a, b) => a - b);
  return {
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    log: { level: "INFO", format: "json" },
    ping: { entryPoint: "probe" },
    entryPoints: {
      ...Object.fromEntries(ports.map((port) => [entryPoint(port), { address: `${address}:${port}` }])),
      probe: { address: `127.0.0.1:${PROBE_PORT}` },
    },
    providers: { file: { directory: `${CONFIG_DIRECTORY}/dynamic`, watch: false } },
  };
}

/**
 * `dynamic/forwards.yml`: each connection goes to the server whose name was asked for, looked up in DNS at each connection. TLS passes through
 * unopened.
 */
export function renderForwards({ client, tcp, tls }: Forwarding): object {
  const forwards = [...tcp.map((server) => ({ server, sni: "*" })), ...tls.map((server) => ({ server, sni: server.host, passthrough: true }))];
  return {
    tcp: {
      routers: Object.fromEntries(
        forwards.map(({ server, sni, ...options }) => [
          nameOf(server),
          {
            entryPoints: [entryPoint(server.port)],
            rule: `HostSNI(\`${sni}\`)`,
            service: nameOf(server),
            middlewares: [ONE_CLIENT],
            ...("passthrough" in options ? { tls: options } : {}),
          },
        ]),
      ),
      services: Object.fromEntries(
        forwards.map(({ server }) => [nameOf(server), { loadBalancer: { serversTransport: TRANSPORT, servers: [{ address: `${server}` }] } }]),
      ),
      middlewares: { [ONE_CLIENT]: { ipAllowList: { sourceRange: [client.includes("/") ? client : `${client}/32`] } } },
      serversTransports: { [TRANSPORT]: { dialTimeout: DIAL_TIMEOUT } },
    },
    // another name is refused before a certificate is shown
    tls: { options: { default: { sniStrict: true } } },
  };
}

const ONE_CLIENT = "one-client";
const TRANSPORT = "outside";

function nameOf({ host, port }: Endpoint): string {
  return `${host}-${port}`;
}

function entryPoint(port: number): string {
  return `port-${port}`;
}
