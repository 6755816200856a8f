import { Construct } from "constructs";
import type { BackedUp, IBackedUp } from "../../contracts/backed-up";
import type { BoundCertificate, ICertificateSource } from "../../contracts/certificate-source";
import type { IDecisionSource } from "../../contracts/decision-source";
import type { IRoutable } from "../../contracts/routable";
import type { SecretDirectory, SecretStore } from "../../contracts/secret-store";
import { clusterOf } from "../../core/cluster";
import { ConfigFile } from "../../core/config-file";
import { type Rule, requireAll } from "../../core/errors";
import { isHostName } from "../../core/hostnames";
import { compareText } from "../../core/render";
import type { Attachment } from "../../docker/attachment";
import { ConfigVolume } from "../../docker/config-volume";
import type { DataVolumes } from "../../docker/data-volumes";
import type { ContainerDescription } from "../../docker/description";
import { goMemory } from "../../docker/go-memory";
import type { Limits } from "../../docker/hardening";
import type { ContainerImage } from "../../docker/image";
import type { LogFile } from "../../docker/log-file";
import { Service } from "../../docker/service";
import type { Access } from "./access";
import type { Bouncer } from "./bouncer";
import { connectionsOf } from "./connections";
import { httpsUrl, offersHttp3, type Published, publicPort, publishedPorts, publishedRules } from "./published";
import { RATE_LIMITS, type RateLimits } from "./rate-limit";
import { QUEUE_DIRECTORY, queueFiles } from "./request-queue";
import { optionRules, type RouteOptions } from "./route-options";
import {
  ACCESS_LOG,
  ACCESS_LOG_DIRECTORY,
  CONFIG_DIRECTORY,
  type Dashboard,
  type Edge,
  METRICS_PORT,
  PROBE_PORT,
  type Route,
  renderStatic,
  renderTls,
} from "./traefik-config";
import { RESERVED_ROUTES, renderRoutes } from "./traefik-routes";

export type { IRoutable } from "../../contracts/routable";
export type { RouteOptions } from "./route-options";

export interface TraefikProps {
  readonly namespace: string;
  readonly image: ContainerImage;
  /** Networks of clients and of the services behind; at least one must be routable, or Docker publishes no port. */
  readonly networks: readonly Attachment[];
  readonly published: Published;
  readonly volumes: DataVolumes;
  readonly secrets: SecretStore;
  /** Signs the certificate of the edge for exactly the host names that have a route. */
  readonly issuer: ICertificateSource;
  /**
   * Whether browsers are asked to list the domain as one that is reached by HTTPS only; they do not forget it soon.
   * @default false
   */
  readonly hstsPreload?: boolean;
  /**
   * CIDRs of proxies in front of the edge: the last address in their `X-Forwarded-For` counts as the client's. Others are not trusted.
   * @default - none
   */
  readonly proxies?: readonly string[];
  /**
   * Requests that a client may make; more are answered with 429.
   * @default - 100 a minute and 50 at once for each address, 300 and 150 for each signed-in user, 200 and 100 with an API token
   */
  readonly rateLimits?: RateLimits;
  readonly limits: Limits;
}

const DESCRIPTION: ContainerDescription = {
  purpose: ["the only published ports", "80, 443, 443/udp"],
  zones: ["proxy", "backend"],
  listens: [METRICS_PORT],
};

/** Any user other than root; the image has none. */
const USER = "65532:65532";

/**
 * The only entry point: redirects HTTP to HTTPS, accepts TLS 1.3 only, over TCP and QUIC, and only routed host names.
 *
 * It reads files, never the Docker socket, refuses a connection for any other name before it shows a certificate, counts the requests
 * of each client, and takes no client's word for its address or name.
 */
export class Traefik extends Construct implements IBackedUp {
  public readonly service: Service;
  /** `host:port` of metrics and ping on the internal networks. */
  public readonly metricsAddress: string;
  /** Who asked for what, one JSON object for each request. */
  public readonly accessLog: LogFile;
  /** Certificates of Let's Encrypt and the account there; those of the environment's own CA can be recreated. */
  public readonly backedUp: BackedUp;
  private readonly routes = new Map<string, Route>();
  private readonly directory: SecretDirectory;
  private readonly certificate: BoundCertificate;
  private dashboard: Dashboard | undefined;
  private bouncer: Bouncer | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: TraefikProps,
  ) {
    super(scope, id);
    const { namespace, image, published, proxies = [], volumes, secrets, networks, limits } = props;
    requireAll(this, [
      [networks.some(({ network }) => network.routable), "networks must name a routable one; Docker publishes no port of a container without"],
      ...publishedRules(published),
    ]);
    this.directory = secrets.directory("traefik", USER);
    this.accessLog = { volume: volumes.volume("traefik-logs", { owner: USER }), file: ACCESS_LOG };
    this.certificate = props.issuer.bind({ names: () => this.hostNames(), directory: this.directory, volumes, user: USER });
    const { files, state, variables, mounts = [] } = this.certificate;
    this.backedUp = { volumes: state === undefined ? [] : [{ volume: state, kind: "whole" }], secrets: [] };
    const plugin = new ConfigVolume(this, "Queue", { namespace, name: "traefik-queue", image, files: queueFiles() });
    this.service = new Service(this, "Service", {
      ...limits,
      namespace,
      name: "traefik",
      description: { ...DESCRIPTION, connects: () => connectionsOf(this.edge()) },
      image,
      user: USER,
      // the others reach what they know by its public name without leaving the host
      networks: networks.map((attachment) => (attachment.network.routable ? attachment : { ...attachment, aliases: () => this.hostNames() })),
      ports: publishedPorts(published, offersHttp3(published, proxies)),
      // Traefik renews certificates of Let's Encrypt itself
      entrypoint: files === undefined ? ["traefik"] : ["sh", `${CONFIG_DIRECTORY}/start.sh`, files.certFile, files.keyFile],
      command: [`--configFile=${CONFIG_DIRECTORY}/traefik.yml`],
      config: { directory: CONFIG_DIRECTORY, files: this.configFiles() },
      environment: { ...variables, ...goMemory(limits) },
      mounts: [this.directory, this.accessLog.volume.mountAt(ACCESS_LOG_DIRECTORY), plugin.mountAt(QUEUE_DIRECTORY), ...mounts],
      healthCheck: { command: ["wget", "-q", "-O", "/dev/null", `http://127.0.0.1:${PROBE_PORT}/probe`] },
      stopGraceSeconds: 20,
    });
    this.metricsAddress = `${this.service.host}:${METRICS_PORT}`;
    this.node.addValidation({ validate: () => (this.routes.size > 0 ? [] : ["has no route; call route() at least once"]) });
  }

  /** Sends requests for `hostName` to `target`; `name` is what logs and metrics call the route. */
  public route(name: string, hostName: string, target: IRoutable, options: RouteOptions): void {
    requireAll(this, [
      [
        ROUTE_NAME.test(name) && !RESERVED_ROUTES.includes(name),
        `a route's name has lower-case letters, digits and "-", and is not ${RESERVED_ROUTES.map((reserved) => `"${reserved}"`).join(" or ")}, got "${name}"`,
      ],
      [!this.routes.has(name), `route "${name}" is taken; give the second one another name`],
      ...this.hostNameRules(hostName),
      [target.httpServers.length > 0, `route "${name}" has no server`],
      ...optionRules(name, options),
    ]);
    this.routes.set(name, { ...options, name, hostName, servers: target.httpServers });
  }

  /** Serves Traefik's own dashboard at `hostName`, for users whom `access` admits. */
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
    this.bouncer = { lapiHost: source.lapiHost, appsecHost: source.appsecHost, keyFile: source.bouncerKey(this.directory).path };
  }

  /** Where people find `hostName`, with the port when it is not the usual one. */
  public url(hostName: string): string {
    return httpsUrl(hostName, publicPort(this.props.published));
  }

  private hostNameRules(hostName: string): Rule[] {
    return [
      [!this.hostNames().includes(hostName), `host name "${hostName}" has a route already`],
      [isHostName(hostName), `"${hostName}" is no host name`],
    ];
  }

  /** Host names with a route, sorted. */
  public hostNames(): string[] {
    return [...this.routes.values(), ...(this.dashboard ? [this.dashboard] : [])].map(({ hostName }) => hostName).sort(compareText);
  }

  /** Host name → paths without a guard; one that ends with `/` includes all below it. */
  public openPaths(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries(this.sortedRoutes().flatMap(({ hostName, access, assets }) => (access.guard && assets?.open ? [[hostName, assets.open]] : [])));
  }

  private configFiles(): ConfigFile[] {
    const { files } = this.certificate;
    return [
      ConfigFile.yaml("traefik.yml", () => renderStatic(this.edge())),
      ConfigFile.yaml("dynamic/tls.yml", () => renderTls(files)),
      ...(files === undefined ? [] : ["edge/traefik/assets/start.sh", "secrets/assets/reload-when-renewed.sh"].map(ConfigFile.asset)),
      ConfigFile.yaml("dynamic/routes.yml", () => renderRoutes(this.edge())),
    ];
  }

  private edge(): Edge {
    const { published, hstsPreload = false, proxies = [], rateLimits = RATE_LIMITS, networks } = this.props;
    return {
      ports: { http: published.http, https: publicPort(published) },
      http3: offersHttp3(published, proxies),
      replicas: clusterOf(this) !== undefined,
      routes: this.sortedRoutes(),
      dashboard: this.dashboard,
      bouncer: this.bouncer,
      resolver: this.certificate.resolver,
      headers: { preload: hstsPreload },
      proxies,
      rateLimits,
      containers: networks.filter(({ network }) => !network.routable).map(({ network }) => `${network.subnet}`),
    };
  }

  private sortedRoutes(): Route[] {
    return [...this.routes.values()].sort((a, b) => compareText(a.name, b.name));
  }
}

const ROUTE_NAME = /^[a-z][a-z0-9-]*$/;
