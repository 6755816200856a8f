import { TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { Backup } from "../../constructs/backup/backup";
import type { IIdentityProvider } from "../../constructs/contracts/identity-provider";
import type { IMetricsSource } from "../../constructs/contracts/metrics-source";
import type { SecretDirectory, SecretStore } from "../../constructs/contracts/secret-store";
import type { IDatabase } from "../../constructs/database/database";
import { FOLLOWERS_TABLE, HEARTBEAT_SCHEMA } from "../../constructs/database/replication";
import type { DataVolume, DataVolumes } from "../../constructs/docker/data-volumes";
import { ContainerImage } from "../../constructs/docker/image";
import type { WikiNetworks } from "../../constructs/docker/networks";
import { Service } from "../../constructs/docker/service";
import type { Authelia } from "../../constructs/edge/authelia/authelia";
import type { CrowdSec } from "../../constructs/edge/crowdsec/crowdsec";
import type { Traefik } from "../../constructs/edge/traefik/traefik";
import { TEXTFILE_DIRECTORY } from "../../constructs/host/checks";
import { Alertmanager } from "../../constructs/monitoring/alertmanager";
import { DATA_DIRECTORY as ALERTMANAGER_DATA } from "../../constructs/monitoring/alertmanager-config";
import { ContainerMetrics } from "../../constructs/monitoring/container-metrics";
import { DOCKER_CERTIFICATE, DockerCertificate } from "../../constructs/monitoring/docker-certificate";
import { Grafana } from "../../constructs/monitoring/grafana";
import { type IMeasuredDatabase, MysqldExporter } from "../../constructs/monitoring/mysqld-exporter";
import { NodeExporter } from "../../constructs/monitoring/node-exporter";
import { Prometheus } from "../../constructs/monitoring/prometheus";
import { DATA_DIRECTORY as PROMETHEUS_DATA } from "../../constructs/monitoring/prometheus-config";
import { SecretText } from "../../constructs/secrets/secret";
import type { BookStack } from "../../constructs/wiki/bookstack";
import { remoteDocker } from "../environment/host-url";
import type { Environment } from "../environment/schema";
import { accessBehind } from "./access";
import { alertSettings } from "./alerts";
import type { StackContext } from "./context";
import { imagesFor, type MonitoringImage } from "./images";
import { limits } from "./limits";
import { mailAccount } from "./outbound";
import { POSITIONS } from "./positions";

/** Docker's default port with TLS. */
const DOCKER_TLS_PORT = 2376;

export interface MonitoringProps {
  readonly environment: Environment;
  readonly networks: WikiNetworks;
  readonly volumes: DataVolumes;
  readonly secrets: SecretStore;
  /** What a person may read. */
  readonly operator: SecretDirectory;
  /** Image with PHP. */
  readonly phpImage: ContainerImage;
  readonly database: IMeasuredDatabase;
  readonly signOn: IIdentityProvider;
  /** `https://…` of Grafana. */
  readonly url: string;
  /** Job → what else is read. */
  readonly sources: Readonly<Record<string, IMetricsSource>>;
  /** What backups write of themselves. @default - there are none */
  readonly backup?: { readonly metrics: DataVolume };
  /** Holds the ends of certificates. @default - the host writes them */
  readonly certificates?: DataVolume;
  /** Whether the host is hardened, and writes what it sees. @default false */
  readonly host?: boolean;
}

/** Everything that measures the wiki, judges what was measured, tells people, and shows it. */
export class Monitoring extends Construct {
  public readonly grafana: Grafana;
  private readonly prometheus: Prometheus;
  private readonly images: Readonly<Record<MonitoringImage, ContainerImage>>;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: MonitoringProps,
  ) {
    super(scope, id);
    const { environment, networks, volumes, secrets, sources, backup, host = false } = props;
    const { monitoring, name: namespace } = environment;
    this.images = this.pull();
    const exporters = this.exporters();
    const alertmanager = this.alertmanager();
    const shared = { namespace, volumes, secrets, network: networks.backend };
    const judged = alertSettings(environment, { backup: backup !== undefined, host, containers: () => serviceNames(this), grafana: props.url });
    const prometheus = new Prometheus(this, "Prometheus", {
      ...shared,
      image: this.images.prometheus,
      position: POSITIONS.prometheus,
      hosts: { ...exporters.hosts, grafana: networks.backend.gateway },
      retentionDays: monitoring.retentionDays,
      retentionSize: monitoring.retentionSize,
      alerts: judged,
      limits: limits(monitoring.prometheus),
    });
    this.grafana = new Grafana(this, "Grafana", {
      ...shared,
      image: this.images.grafana,
      url: props.url,
      session: environment.signOn.session,
      breakGlass: environment.signOn.breakGlass,
      prometheus,
      alertmanager,
      signOn: props.signOn,
      dashboards: judged,
      operator: props.operator,
      limits: limits(monitoring.grafana),
    });
    prometheus.notify(alertmanager);
    const own: Record<string, IMetricsSource> = { prometheus, alertmanager, grafana: this.grafana, ...exporters.sources };
    for (const [job, source] of Object.entries({ ...own, ...sources })) prometheus.scrape(job, source);
    this.prometheus = prometheus;
  }

  /** Jobs that are read, and names of alerts that are raised. */
  public watched(): { readonly jobs: readonly string[]; readonly alerts: readonly string[] } {
    return this.prometheus.watched();
  }

  /** The monitoring of the host, the containers and the database. */
  private exporters() {
    const { environment, networks, volumes, secrets, phpImage, database, backup, certificates, host = false } = this.props;
    const { monitoring, name: namespace } = environment;
    const containers = new ContainerMetrics(this, "ContainerMetrics", {
      namespace,
      image: phpImage,
      volumes,
      dockerRoot: monitoring.dockerRoot,
      interval: monitoring.interval,
      limits: limits(monitoring.containerMetrics),
    });
    const docker = this.dockerCertificate();
    const node = new NodeExporter(this, "NodeExporter", {
      namespace,
      image: this.images.nodeExporter,
      address: networks.backend.gateway,
      textfiles: { containers: containers.textfiles, ...(backup ? { backup: backup.metrics } : {}), ...(certificates ? { certificates } : {}), ...docker },
      dockerRoot: monitoring.dockerRoot,
      hostTextfiles: host ? TEXTFILE_DIRECTORY : undefined,
      limits: limits(monitoring.nodeExporter),
    });
    networks.backend.createFirst(node.service.container);
    const mysqld = new MysqldExporter(this, "MysqldExporter", {
      namespace,
      image: this.images.mysqldExporter,
      backend: networks.backend,
      databaseNetwork: networks.database,
      database,
      secrets,
      limits: limits(monitoring.mysqldExporter),
      followers: environment.replication && { schema: HEARTBEAT_SCHEMA, table: FOLLOWERS_TABLE },
    });
    return { hosts: node.hosts, sources: { "node-exporter": node, "bookstack-db": mysqld } };
  }

  /** What looks at the certificate of Docker, where that has one. */
  private dockerCertificate(): Record<string, DataVolume> {
    const { environment, volumes, phpImage: image } = this.props;
    const { scheme, host = "", port = DOCKER_TLS_PORT } = remoteDocker(environment.docker.host) ?? {};
    if (scheme !== "tcp") return {};
    const { textfiles } = new DockerCertificate(this, "DockerCertificate", { namespace: environment.name, image, volumes, host, port });
    return { [DOCKER_CERTIFICATE]: textfiles };
  }

  private alertmanager(): Alertmanager {
    const { environment, networks, volumes, secrets } = this.props;
    const { alerts, monitoring } = environment;
    const mail = mailAccount(environment);
    const provided = (wanted: boolean, name: string) => (wanted ? SecretText.provided(name) : undefined);
    return new Alertmanager(this, "Alertmanager", {
      namespace: environment.name,
      image: this.images.alertmanager,
      network: networks.backend,
      position: POSITIONS.alertmanager,
      out: networks.proxy,
      volumes,
      secrets,
      mail: mail && alerts.email !== undefined ? { ...mail, to: alerts.email } : undefined,
      webhook: provided(alerts.webhook, "alert_webhook_url"),
      deadMan: provided(alerts.deadMan, "alert_dead_man_url"),
      groupInterval: alerts.groupInterval,
      repeat: alerts.repeat,
      limits: limits(monitoring.alertmanager),
    });
  }

  private pull(): Record<MonitoringImage, ContainerImage> {
    const { database, images } = this.props.environment;
    const references = imagesFor(database.version, images);
    const image = (id: string, name: MonitoringImage, directories: readonly string[] = []) =>
      new ContainerImage(this, `${id}Image`, { ...references[name], volumes: directories });
    return {
      prometheus: image("Prometheus", "prometheus", [PROMETHEUS_DATA]),
      alertmanager: image("Alertmanager", "alertmanager", [ALERTMANAGER_DATA]),
      grafana: image("Grafana", "grafana"),
      nodeExporter: image("NodeExporter", "nodeExporter"),
      mysqldExporter: image("MysqldExporter", "mysqldExporter"),
    };
  }
}

/** The parts that are measured. */
export interface MonitoringNeeds {
  readonly mysql: IDatabase;
  readonly authelia: Authelia;
  readonly bookstack: BookStack;
  readonly traefik: Traefik;
  readonly crowdsec: CrowdSec;
  readonly backup: Backup;
  /** Holds the ends of certificates. @default - the host writes them */
  readonly certificates: DataVolume | undefined;
}

/** The monitoring, and its route; nothing if the environment has none. */
export function makeMonitoring(scope: Construct, context: StackContext, needs: MonitoringNeeds): Monitoring | undefined {
  const { environment, images, hostNames, urls } = context;
  if (!environment.monitoring.enabled) return undefined;
  const { mysql, authelia, bookstack, traefik, crowdsec, backup, certificates } = needs;
  authelia.protect(hostNames.grafana);
  const monitoring = new Monitoring(scope, "Monitoring", {
    ...context,
    phpImage: images.bookstack,
    host: context.host !== undefined,
    url: urls.grafana,
    database: mysql,
    backup: { metrics: backup.metrics },
    certificates,
    signOn: authelia,
    sources: { bookstack, traefik, crowdsec, authelia },
  });
  const { grafana } = monitoring;
  traefik.route("grafana", hostNames.grafana, grafana, { ...grafana.edge, access: accessBehind(authelia, context) });
  return monitoring;
}

/** Services of the stack that `scope` is in, by the constructs alone: what they render may be what asks. */
function serviceNames(scope: Construct): string[] {
  const services = TerraformStack.of(scope)
    .node.findAll()
    .filter((construct): construct is Service => construct instanceof Service);
  return services.map(({ host }) => host).sort();
}
