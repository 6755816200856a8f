import { Construct } from "constructs";
import { ConfigFile } from "../core/config-file";
import { requireAll } from "../core/errors";
import { isHostName } from "../core/hostnames";
import { compareText } from "../core/render";
import type { Attachment } from "../docker/attachment";
import type { DataVolumes } from "../docker/data-volumes";
import type { Limits } from "../docker/hardening";
import type { ContainerImage } from "../docker/image";
import { Service } from "../docker/service";
import { type Authority, ServerCertificate } from "../secrets/secret";
import type { SecretStore } from "../secrets/secret-store";
import {
  ACCESS_LOG_DIRECTORY,
  CONFIG_DIRECTORY,
  METRICS_PORT,
  PROBE_PORT,
  PROBE_ROUTE,
  type Route,
  renderRoutes,
  renderStatic,
  renderTls,
} from "./traefik-config";

/** A service that speaks HTTP on a network it shares with the edge. */
export interface IRoutable {
  /** `http://host:port` addresses, each as good as the other. */
  readonly httpServers: readonly string[];
}

/** Where the Docker host listens. */
export interface Published {
  /** IPv4 address of the Docker host; `0.0.0.0` for all. */
  readonly address: string;
  readonly http: number;
  readonly https: number;
}

export interface TraefikProps {
  readonly namespace: string;
  readonly image: ContainerImage;
  /** Networks of clients and of the services behind; at least one must be routable, or Docker publishes no port. */
  readonly networks: readonly Attachment[];
  readonly published: Published;
  readonly volumes: DataVolumes;
  readonly secrets: SecretStore;
  /** Signs the certificate of the edge for exactly the host names that have a route. */
  readonly authority: Authority;
  readonly limits: Limits;
}

/** Any user that is not root; the image has none of its own. */
const USER = "65532:65532";

/**
 * The only door: redirects HTTP to HTTPS, speaks TLS 1.3 and nothing older, and knows the host names that were routed.
 *
 * It reads files, never the Docker socket, and refuses a connection for any other name before it shows a certificate.
 */
export class Traefik extends Construct {
  public readonly service: Service;
  /** `host:port` of metrics and ping on the internal networks. */
  public readonly metricsAddress: string;
  private readonly routes = new Map<string, Route>();
  private readonly published: Published;

  constructor(scope: Construct, id: string, props: TraefikProps) {
    super(scope, id);
    const { namespace, image, published, volumes, secrets, networks, limits } = props;
    requireAll(this, [
      [networks.some(({ network }) => network.routable), "networks must name a routable one; Docker publishes no port of a container without"],
      [published.http !== published.https, `published.http and published.https must differ, got ${published.http} for both`],
      ...[published.http, published.https].map(
        (port) => [!RESERVED.includes(port), `published port ${port} is used inside the container; choose another`] as const,
      ),
    ]);
    this.published = published;
    const certificate = new ServerCertificate("edge", props.authority, () => this.hostNames());
    const directory = secrets.directory("traefik", USER);
    const certFile = directory.add(certificate.certificate).path;
    const keyFile = directory.add(certificate.key).path;
    this.service = new Service(this, "Service", {
      ...limits,
      namespace,
      name: "traefik",
      image,
      user: USER,
      networks,
      ports: [published.http, published.https].map((port) => ({ internal: port, external: port, ip: published.address, protocol: "tcp" })),
      entrypoint: ["traefik"],
      command: [`--configFile=${CONFIG_DIRECTORY}/traefik.yml`],
      config: {
        directory: CONFIG_DIRECTORY,
        files: [
          ConfigFile.yaml("traefik.yml", () => renderStatic(published)),
          ConfigFile.yaml("dynamic/tls.yml", () => renderTls(certFile, keyFile)),
          ConfigFile.yaml("dynamic/routes.yml", () => renderRoutes(this.sortedRoutes())),
        ],
      },
      mounts: [directory, volumes.volume("traefik-logs", { owner: USER }).mountAt(ACCESS_LOG_DIRECTORY)],
      healthCheck: { command: ["wget", "-q", "-O", "/dev/null", `http://127.0.0.1:${PROBE_PORT}/probe`] },
      stopGraceSeconds: 20,
    });
    this.metricsAddress = `${this.service.host}:${METRICS_PORT}`;
    this.node.addValidation({ validate: () => (this.routes.size > 0 ? [] : ["leads nowhere; call route() at least once"]) });
  }

  /** Sends requests for `hostName` to `target`; `name` is what logs and metrics call the route. */
  public route(name: string, hostName: string, target: IRoutable): void {
    requireAll(this, [
      [ROUTE_NAME.test(name) && name !== PROBE_ROUTE, `a route's name has lower-case letters, digits and "-", and is not "${PROBE_ROUTE}", got "${name}"`],
      [!this.routes.has(name), `route "${name}" is taken; give the second one another name`],
      [!this.hostNames().includes(hostName), `host name "${hostName}" has a route already`],
      [isHostName(hostName), `"${hostName}" is no host name`],
      [target.httpServers.length > 0, `route "${name}" leads to no server`],
    ]);
    this.routes.set(name, { name, hostName, servers: target.httpServers });
  }

  /** Where people find `hostName`, with the port when it is not the usual one. */
  public url(hostName: string): string {
    return httpsUrl(hostName, this.published.https);
  }

  private hostNames(): string[] {
    return this.sortedRoutes().map(({ hostName }) => hostName);
  }

  private sortedRoutes(): Route[] {
    return [...this.routes.values()].sort((a, b) => compareText(a.name, b.name));
  }
}

const ROUTE_NAME = /^[a-z][a-z0-9-]*$/;
const RESERVED: readonly number[] = [METRICS_PORT, PROBE_PORT];

/** `https://host`, with the port when it is not the usual one. */
export function httpsUrl(hostName: string, port: number): string {
  return port === 443 ? `https://${hostName}` : `https://${hostName}:${port}`;
}
