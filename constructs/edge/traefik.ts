import { Construct } from "constructs";
import { ConfigFile } from "../core/config-file";
import { type Rule, requireAll } from "../core/errors";
import { isHostName } from "../core/hostnames";
import { compareText } from "../core/render";
import type { Attachment } from "../docker/attachment";
import type { DataVolumes } from "../docker/data-volumes";
import type { Limits } from "../docker/hardening";
import type { ContainerImage } from "../docker/image";
import { Service } from "../docker/service";
import { type Authority, ServerCertificate } from "../secrets/secret";
import type { SecretDirectory, SecretStore } from "../secrets/secret-store";
import type { Access } from "./access";
import type { Bouncer, IDecisionSource } from "./decision-source";
import {
  ACCESS_LOG_DIRECTORY,
  CONFIG_DIRECTORY,
  DASHBOARD_ROUTE,
  type Dashboard,
  type Edge,
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

/** How a route is treated. */
export interface RouteOptions {
  readonly access: Access;
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
  private readonly directory: SecretDirectory;
  private dashboard: Dashboard | undefined;
  private bouncer: Bouncer | undefined;

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
    this.directory = secrets.directory("traefik", USER);
    const certFile = this.directory.add(certificate.certificate).path;
    const keyFile = this.directory.add(certificate.key).path;
    this.service = new Service(this, "Service", {
      ...limits,
      namespace,
      name: "traefik",
      image,
      user: USER,
      // the others reach what they know by its public name without leaving the host
      networks: networks.map((attachment) => (attachment.network.routable ? attachment : { ...attachment, aliases: () => this.hostNames() })),
      ports: [published.http, published.https].map((port) => ({ internal: port, external: port, ip: published.address, protocol: "tcp" })),
      entrypoint: ["traefik"],
      command: [`--configFile=${CONFIG_DIRECTORY}/traefik.yml`],
      config: {
        directory: CONFIG_DIRECTORY,
        files: [
          ConfigFile.yaml("traefik.yml", () => renderStatic(published, this.edge())),
          ConfigFile.yaml("dynamic/tls.yml", () => renderTls(certFile, keyFile)),
          ConfigFile.yaml("dynamic/routes.yml", () => renderRoutes(this.edge())),
        ],
      },
      mounts: [this.directory, volumes.volume("traefik-logs", { owner: USER }).mountAt(ACCESS_LOG_DIRECTORY)],
      healthCheck: { command: ["wget", "-q", "-O", "/dev/null", `http://127.0.0.1:${PROBE_PORT}/probe`] },
      stopGraceSeconds: 20,
    });
    this.metricsAddress = `${this.service.host}:${METRICS_PORT}`;
    this.node.addValidation({ validate: () => (this.routes.size > 0 ? [] : ["leads nowhere; call route() at least once"]) });
  }

  /** Sends requests for `hostName` to `target`; `name` is what logs and metrics call the route. */
  public route(name: string, hostName: string, target: IRoutable, { access }: RouteOptions): void {
    requireAll(this, [
      [
        ROUTE_NAME.test(name) && !RESERVED_ROUTES.includes(name),
        `a route's name has lower-case letters, digits and "-", and is not ${RESERVED_ROUTES.map((reserved) => `"${reserved}"`).join(" or ")}, got "${name}"`,
      ],
      [!this.routes.has(name), `route "${name}" is taken; give the second one another name`],
      ...this.hostNameRules(hostName),
      [target.httpServers.length > 0, `route "${name}" leads to no server`],
    ]);
    this.routes.set(name, { name, hostName, servers: target.httpServers, access });
  }

  /** Shows Traefik's own dashboard under `hostName`, to those whom `access` lets through. */
  public exposeDashboard(hostName: string, access: Access): void {
    requireAll(this, [
      [this.dashboard === undefined, "the dashboard has a host name already"],
      [access.guard !== undefined, "the dashboard shows the inside of the edge; put it behind a guard"],
      ...this.hostNameRules(hostName),
    ]);
    this.dashboard = { hostName, access };
  }

  /** Refuses requests from addresses that `source` has banned. */
  public blockBy(source: IDecisionSource): void {
    requireAll(this, [[this.bouncer === undefined, "blocks by a source of decisions already"]]);
    this.bouncer = { lapiHost: source.lapiHost, keyFile: source.bouncerKey(this.directory).path };
  }

  /** Where people find `hostName`, with the port when it is not the usual one. */
  public url(hostName: string): string {
    return httpsUrl(hostName, this.published.https);
  }

  private hostNameRules(hostName: string): Rule[] {
    return [
      [!this.hostNames().includes(hostName), `host name "${hostName}" has a route already`],
      [isHostName(hostName), `"${hostName}" is no host name`],
    ];
  }

  private hostNames(): string[] {
    return [...this.routes.values(), ...(this.dashboard ? [this.dashboard] : [])].map(({ hostName }) => hostName).sort(compareText);
  }

  private edge(): Edge {
    return { routes: this.sortedRoutes(), dashboard: this.dashboard, bouncer: this.bouncer };
  }

  private sortedRoutes(): Route[] {
    return [...this.routes.values()].sort((a, b) => compareText(a.name, b.name));
  }
}

const ROUTE_NAME = /^[a-z][a-z0-9-]*$/;
const RESERVED_ROUTES: readonly string[] = [PROBE_ROUTE, DASHBOARD_ROUTE];
const RESERVED: readonly number[] = [METRICS_PORT, PROBE_PORT];

/** `https://host`, with the port when it is not the usual one. */
export function httpsUrl(hostName: string, port: number): string {
  return port === 443 ? `https://${hostName}` : `https://${hostName}:${port}`;
}
