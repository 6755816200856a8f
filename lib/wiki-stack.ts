import { Annotations, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { ByteSize } from "../constructs/core/byte-size";
import { cloudflareRanges } from "../constructs/dns/cloudflare-ranges";
import { CloudflareRecords } from "../constructs/dns/cloudflare-records";
import { DataVolumes } from "../constructs/docker/data-volumes";
import type { Limits } from "../constructs/docker/hardening";
import { ContainerImage } from "../constructs/docker/image";
import { Networks } from "../constructs/docker/networks";
import { Access } from "../constructs/edge/access";
import { Authelia } from "../constructs/edge/authelia";
import { CrowdSec } from "../constructs/edge/crowdsec";
import { LAPI_PORT } from "../constructs/edge/crowdsec-config";
import { LetsEncrypt } from "../constructs/edge/lets-encrypt";
import { httpsUrl, Traefik } from "../constructs/edge/traefik";
import { FIREWALL_BOUNCER } from "../constructs/host/firewall-bouncer";
import type { HardenedHost } from "../constructs/host/hardened-host";
import { HostSecretStore } from "../constructs/host/host-secret-store";
import { nullProvider } from "../constructs/host/null-provider";
import type { Engine } from "../constructs/secrets/provided-variables";
import { Authority, SecretText } from "../constructs/secrets/secret";
import type { SecretDirectory, SecretStore } from "../constructs/secrets/secret-store";
import { VolumeSecretStore } from "../constructs/secrets/volume-store";
import type { Backup } from "../constructs/wiki/backup";
import { BookStack } from "../constructs/wiki/bookstack";
import { APPLICATION_DIRECTORY } from "../constructs/wiki/bookstack-config";
import { MySql } from "../constructs/wiki/mysql";
import { DATA_DIRECTORY } from "../constructs/wiki/mysql-config";
import { composeBackup } from "./backup/compose";
import { dockerProvider } from "./docker/provider";
import type { Environment } from "./environment/schema";
import { afterHost, completeHost, hardenedHost } from "./hardened-host";
import { type ImageName, type ImageSource, imagesFor, type MonitoringImage } from "./images";
import { Monitoring, type MonitoringProps } from "./monitoring";
import { holdToProduction } from "./production";
import { completeFolder } from "./stack-folder";
import { stateBackend } from "./terraform/backend";

/** Positions of services with a fixed address, within their network. */
const TRAEFIK_POSITION = 10;
const CROWDSEC_POSITION = 11;
/** BookStack's API: paths without dots and escapes, so that none leads elsewhere; it asks for a token itself. */
const API = "^/api/[a-z0-9/-]+([?].*)?$";
/** Its documentation is a page for people. */
const API_DOCUMENTATION = "^/api/docs";

type WikiImage = Exclude<ImageName, MonitoringImage>;

/** What the monitoring looks at, and what it shares with the rest. */
interface MonitoredParts extends Pick<MonitoringProps, "networks" | "volumes" | "secrets" | "operator" | "phpImage" | "host"> {
  readonly mysql: MySql;
  readonly authelia: Authelia;
  readonly bookstack: BookStack;
  readonly traefik: Traefik;
  readonly crowdsec: CrowdSec;
  readonly backup: Backup;
}

/** One wiki: which parts it has, and who may talk to whom. */
export class WikiStack extends TerraformStack {
  public readonly secrets: SecretStore;
  /** The host below the containers; nothing where it is left alone. */
  public readonly host: HardenedHost | undefined;
  /** `https://…` of everything that people open. */
  public readonly urls: Readonly<Record<string, string>>;

  constructor(scope: Construct, environment: Environment) {
    super(scope, environment.name);
    const { name: namespace, domain, ports, protectData: protect } = environment;
    stateBackend(this, environment);
    const engine = dockerProvider(this, environment.docker);
    completeFolder(this, environment);

    const images = this.images(environment);
    const networks = new Networks(this, "Networks", { namespace, subnets: environment.networks });
    const volumes = new DataVolumes(this, "Volumes", { namespace, image: images.mysql, protect });
    const host = hardenedHost(this, environment);
    const secrets = host
      ? new HostSecretStore(this, "Secrets", { namespace, host })
      : new VolumeSecretStore(this, "Secrets", { namespace, image: images.bookstack, protect, variables: this.variables(environment, engine) });
    const issuer = issuerOf(environment);
    const operator: SecretDirectory = secrets.directory("operator", "0:0");
    if (issuer instanceof Authority) operator.add(issuer.certificate);
    const proxies = [...(environment.access.proxies ?? []), ...(environment.dns.proxied ? cloudflareRanges() : [])];
    const shared = { namespace, volumes, secrets };

    const mysql = new MySql(this, "MySql", {
      ...shared,
      image: images.mysql,
      network: networks.database,
      bufferPool: environment.database.bufferPool,
      slowQuery: environment.database.slowQuery,
      limits: limits(environment.database),
    });
    const [wikiHost, portalHost, dashboardHost] = [`bookstack.${domain}`, `auth.${domain}`, `traefik.${domain}`];
    const url = httpsUrl(wikiHost, ports.https);
    const { breakGlass, ...rules } = environment.signOn;
    const authelia = new Authelia(this, "Authelia", {
      ...shared,
      image: images.authelia,
      phpImage: images.bookstack,
      networks: [{ network: networks.proxy }, { network: networks.backend }],
      domain,
      url: httpsUrl(portalHost, ports.https),
      homeUrl: url,
      way: { address: networks.backend.subnet.address(TRAEFIK_POSITION), ca: issuer instanceof Authority ? issuer.certificate : undefined },
      people: environment.users,
      rules,
      mail: environment.mail && { ...environment.mail, password: environment.mail.user === undefined ? undefined : SecretText.provided("smtp_password") },
      operator,
      limits: limits(environment.authelia),
    });
    authelia.protect(wikiHost, { open: [API], closed: [API_DOCUMENTATION] });
    authelia.protect(dashboardHost, { groups: ["admin"] });
    const bookstack = new BookStack(this, "BookStack", {
      ...shared,
      image: images.bookstack,
      backend: networks.backend,
      database: networks.database,
      mysql,
      signOn: authelia,
      breakGlass,
      operator,
      url,
      proxies: [`${networks.backend.subnet}`, ...proxies],
      administrator: environment.wiki.admin,
      uploadLimit: environment.wiki.uploadLimit,
      timezone: environment.timezone,
      language: environment.wiki.language,
      limits: limits(environment.wiki),
    });
    const traefik = new Traefik(this, "Traefik", {
      ...shared,
      image: images.traefik,
      networks: [networks.proxy, networks.backend].map((network) => ({ network, position: TRAEFIK_POSITION })),
      published: ports,
      issuer,
      hstsPreload: environment.tls.hstsPreload,
      proxies,
      limits: limits(environment.traefik),
    });
    const crowdsec = new CrowdSec(this, "CrowdSec", {
      ...shared,
      image: images.crowdsec,
      // fixed where the host has to find it
      networks: [{ network: networks.proxy }, { network: networks.backend, position: host && CROWDSEC_POSITION }],
      logs: { traefik: traefik.accessLog, authelia: authelia.log, mysql: mysql.errorLog, bookstack: bookstack.errorLog },
      hostLog: environment.crowdsec.hostLog === undefined ? undefined : { path: environment.crowdsec.hostLog },
      trusted: [...Object.values(environment.networks).map(String), ...(environment.access.trusted ?? [])],
      appsec: environment.crowdsec.appsec,
      enrollKey: environment.crowdsec.community ? SecretText.provided("crowdsec_enroll_key") : undefined,
      limits: limits(environment.crowdsec),
    });
    traefik.blockBy(crowdsec);
    // when the portal is broken, the wall in front is, too
    traefik.route("bookstack", wikiHost, bookstack, { ...bookstack.edge, access: breakGlass ? Access.open() : Access.behind(authelia) });
    // each log-in takes 64 MiB while it is checked
    traefik.route("auth", portalHost, authelia, {
      ...authelia.edge,
      access: Access.open(),
      concurrent: { path: "/api/firstfactor", amount: 3 },
    });
    traefik.exposeDashboard(dashboardHost, Access.behind(authelia));
    const backup = composeBackup(this, environment, { ...shared, images, networks, mysql, operator, parts: [bookstack, authelia, crowdsec, traefik] });
    const monitoring = this.monitor(environment, {
      ...shared,
      networks,
      operator,
      phpImage: images.bookstack,
      host: host !== undefined,
      mysql,
      authelia,
      bookstack,
      traefik,
      crowdsec,
      backup,
    });
    this.records(environment, traefik);

    if (host) this.completeHost(host, environment, crowdsec, secrets, networks);

    this.host = host;
    this.secrets = secrets;
    this.urls = { bookstack: url, portal: httpsUrl(portalHost, ports.https), dashboard: httpsUrl(dashboardHost, ports.https), ...monitoring };
    this.warn(environment);
    holdToProduction(this, environment);
  }

  /** What measures all of these, and where people see it. */
  private monitor(environment: Environment, parts: MonitoredParts): Record<string, string> {
    if (!environment.monitoring.enabled) return {};
    const { mysql, authelia, bookstack, traefik, crowdsec, backup, ...shared } = parts;
    const host = `grafana.${environment.domain}`;
    const url = httpsUrl(host, environment.ports.https);
    authelia.protect(host);
    const { grafana } = new Monitoring(this, "Monitoring", {
      ...shared,
      environment,
      url,
      database: mysql,
      backup: { metrics: backup.metrics, remote: (environment.backup.remotes ?? []).length > 0 },
      signOn: authelia,
      sources: { bookstack, traefik, crowdsec, authelia },
    });
    traefik.route("grafana", host, grafana, { ...grafana.edge, access: environment.signOn.breakGlass ? Access.open() : Access.behind(authelia) });
    return { grafana: url };
  }

  private images({ database, images }: Environment): Record<WikiImage, ContainerImage> {
    const references = imagesFor(database.version, images);
    const image = (id: string, source: ImageSource, volumes: readonly string[]) => new ContainerImage(this, id, { ...source, volumes });
    return {
      authelia: image("AutheliaImage", references.authelia, []),
      traefik: image("TraefikImage", references.traefik, []),
      crowdsec: image("CrowdSecImage", references.crowdsec, []),
      bookstack: image("BookStackImage", references.bookstack, [`${APPLICATION_DIRECTORY}/public/uploads`, `${APPLICATION_DIRECTORY}/storage/uploads`]),
      mysql: image("MySqlImage", references.mysql, [DATA_DIRECTORY]),
      backup: image("BackupImage", references.backup, [DATA_DIRECTORY]),
    };
  }

  /** Secrets of others as variables, where the environment wants them. */
  private variables({ secrets: { variables, version } }: Environment, engine: Engine) {
    if (!variables) return undefined;
    nullProvider(this);
    return { engine, version };
  }

  /** A firewall that asks CrowdSec, and the order: the host first. */
  private completeHost(host: HardenedHost, environment: Environment, crowdsec: CrowdSec, secrets: SecretStore, { backend }: Networks): void {
    crowdsec.registerBouncer("firewall", secrets.directory(FIREWALL_BOUNCER, "0:0"));
    completeHost(host, environment, `${backend.subnet.address(CROWDSEC_POSITION)}:${LAPI_PORT}`);
    afterHost(this, host.last());
  }

  /** Names of everything that the edge serves, where the environment has a zone for them. */
  private records({ name, domain, dns, tls }: Environment, traefik: Traefik): void {
    const { provider, zone, ...settings } = dns;
    if (provider === "none" || zone === undefined) return;
    new CloudflareRecords(this, "Dns", {
      ...settings,
      zone,
      domain,
      hostNames: traefik.hostNames(),
      issuer: tls.issuer === "letsencrypt" && tls.email !== undefined ? { name: "letsencrypt.org", reportTo: tls.email } : undefined,
      comment: `managed by Terraform: secure-bookstack, environment ${name}`,
    });
  }

  /** Says what is allowed but should be known. */
  private warn({ host, database, images, dns, domain, tls, signOn }: Environment): void {
    const annotations = Annotations.of(this);
    if (host === undefined) annotations.addWarning("secrets lie in clear in volumes of the Docker host, readable by its root");
    if (signOn.breakGlass) {
      annotations.addWarning(
        "signOn.breakGlass opens the wiki to its own form, without the portal and without a second factor; take it out as soon as you can",
      );
    }
    if (database.version === "8.0") {
      annotations.addWarning('MySQL 8.0 gets no more fixes since April 2026; set database.version to "8.4"');
    }
    for (const [name, reference] of Object.entries(images)) {
      annotations.addWarning(`the image of ${name} is ${reference}, not the tested one`);
    }
    if (dns.proxied && domain !== dns.zone) {
      annotations.addWarning(
        `Cloudflare's free certificate covers names right below ${dns.zone} only, not below ${domain}; order one that does, or set dns.proxied to false`,
      );
    }
    if (tls.staging) annotations.addWarning("certificates come from Let's Encrypt's test authority, which no browser knows");
  }
}

function issuerOf({ domain, tls: { issuer, email, staging } }: Environment): Authority | LetsEncrypt {
  if (issuer === "local" || email === undefined) return new Authority("edge_ca", domain);
  return new LetsEncrypt(email, SecretText.provided("cloudflare_dns_token"), staging);
}

function limits({ memory, cpus }: { memory: ByteSize; cpus: number }): Limits {
  return { memoryMiB: memory.mebibytes, cpus };
}
