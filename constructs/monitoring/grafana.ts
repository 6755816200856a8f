import { Construct } from "constructs";
import type { IIdentityProvider } from "../contracts/identity-provider";
import type { IMetricsSource } from "../contracts/metrics-source";
import type { IRoutable } from "../contracts/routable";
import type { SecretDirectory, SecretFile, SecretStore } from "../contracts/secret-store";
import { ConfigFile } from "../core/config-file";
import { Duration } from "../core/duration";
import { type Rule, requireAll } from "../core/errors";
import { exempt } from "../core/exemption";
import type { DataVolumes } from "../docker/data-volumes";
import type { Limits } from "../docker/hardening";
import type { ContainerImage } from "../docker/image";
import type { BridgeNetwork } from "../docker/networks";
import { Service } from "../docker/service";
import type { RouteOptions } from "../edge/traefik/traefik";
import { SecretText } from "../secrets/secret";
import { DASHBOARDS, type DashboardSettings, renderDashboard } from "./dashboard";
import {
  CONFIG_DIRECTORY,
  CONFIG_FILE,
  DATA_DIRECTORY,
  type GrafanaSettings,
  PASSWORD_NAME,
  PORT,
  PORTAL_CA_FILE,
  PROVISIONING_DIRECTORY,
  renderDataSources,
  renderIni,
  renderProvider,
} from "./grafana-config";

/** Something that Grafana asks, at an address that needs no DNS. */
export interface IDataSource {
  /** `http://address:port`. */
  readonly url: string;
}

export interface GrafanaProps extends Pick<GrafanaSettings, "url" | "session" | "breakGlass"> {
  readonly namespace: string;
  readonly image: ContainerImage;
  /** Internal network: Grafana listens at the host's address on it. */
  readonly network: BridgeNetwork;
  readonly prometheus: IDataSource;
  readonly alertmanager: IDataSource;
  readonly signOn: IIdentityProvider;
  /** Which panels there are, and from which values on they change colour: what decides which alerts there are. */
  readonly dashboards: DashboardSettings;
  readonly volumes: DataVolumes;
  readonly secrets: SecretStore;
  /** What a person may read: the local administrator's password goes here. */
  readonly operator: SecretDirectory;
  readonly limits: Limits;
}

const NAME = "grafana";
const USER = "472:0";
const PATHS = { GF_PATHS_CONFIG: `${CONFIG_DIRECTORY}/${CONFIG_FILE}`, GF_PATHS_DATA: DATA_DIRECTORY, GF_PATHS_PROVISIONING: PROVISIONING_DIRECTORY };

/** A question to Prometheus may take a minute; a Grafana that hangs, no longer. */
const TIMES = { request: Duration.seconds(60), answer: Duration.seconds(60) };

/**
 * Shows the metrics of Prometheus to users who signed in at the portal.
 *
 * It uses the host network, listens on one internal address only, and is reached from outside through the reverse proxy only. Everything
 * in it comes from files: manual changes are lost with the next container.
 */
export class Grafana extends Construct implements IRoutable, IMetricsSource {
  public readonly service: Service;
  public readonly httpServers: readonly string[];
  public readonly metricsAddress = `${NAME}:${PORT}`;
  /** Name → address for its scraper: on the host network it has no DNS name. */
  public readonly hosts: Readonly<Record<string, string>>;
  /** How the edge treats it: one dashboard asks as many times as it has panels. */
  public readonly edge: Omit<RouteOptions, "access"> = { healthPath: "/api/health", assets: { guarded: ["/api/", "/apis/", "/public/"] }, times: TIMES };

  constructor(scope: Construct, id: string, props: GrafanaProps) {
    super(scope, id);
    const { namespace, image, network, url, secrets, volumes, limits } = props;
    requireAll(this, urlRules(url));
    exempt(this, "no-host-namespace", "uses the host network by design; listens on the host's address of the internal network only");
    const directory = secrets.directory(NAME, USER);
    const data = volumes.volume(NAME, { owner: USER });
    const [password, key] = [SecretText.password(PASSWORD_NAME), SecretText.hex("grafana_secret_key")];
    secrets.guard(data, [key]);
    props.operator.add(password);
    const signOn = props.signOn.registerClient({
      id: NAME,
      name: "Grafana",
      redirectUri: `${url}/login/generic_oauth`,
      homeUrl: `${url}/`,
      secrets: directory,
    });
    const settings: GrafanaSettings = { ...props, address: network.gateway, signOn };
    const [portal = "", , address = ""] = signOn.resolve.split(":");
    this.service = new Service(this, "Service", {
      ...limits,
      namespace,
      name: NAME,
      description: { purpose: ["dashboards", `${PORT}`], zones: [], listens: [PORT] },
      image,
      user: USER,
      networks: "host",
      // the portal, without leaving the host
      hosts: { [portal]: address },
      environment: { ...PATHS, ...secretFiles(directory.add(password), directory.add(key), signOn.clientSecret) },
      config: { directory: CONFIG_DIRECTORY, files: configFiles(props, settings) },
      tmpfs: { "/tmp": { sizeMiB: 32 } },
      mounts: [directory, data.mountAt(DATA_DIRECTORY)],
      healthCheck: { command: ["wget", "-q", "-O", "/dev/null", `http://${network.gateway}:${PORT}/api/health`], startPeriod: Duration.seconds(90) },
    });
    this.httpServers = [`http://${network.gateway}:${PORT}`];
    this.hosts = { [NAME]: network.gateway };
  }
}

/** Variables that name the files of secrets. */
function secretFiles(password: SecretFile, key: SecretFile, client: SecretFile): Record<string, string> {
  return {
    GF_SECURITY_ADMIN_PASSWORD__FILE: password.path,
    GF_SECURITY_SECRET_KEY__FILE: key.path,
    GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET__FILE: client.path,
  };
}

function urlRules(url: string): Rule[] {
  return [[url.startsWith("https://"), `url must begin with https://, got ${url}`]];
}

function configFiles({ prometheus, alertmanager, dashboards }: GrafanaProps, settings: GrafanaSettings): ConfigFile[] {
  return [
    ConfigFile.ini(CONFIG_FILE, () => renderIni(settings)),
    ...(settings.signOn.caText === undefined ? [] : [portalAuthority(settings.signOn.caText)]),
    ConfigFile.yaml("provisioning/datasources/prometheus.yaml", () => renderDataSources(prometheus.url, alertmanager.url, dashboards.interval)),
    ConfigFile.yaml("provisioning/dashboards/dashboards.yaml", renderProvider),
    // Grafana logs an error for each of its directories that is not there
    ...["alerting", "plugins"].map((name) => ConfigFile.yaml(`provisioning/${name}/${name}.yaml`, () => ({ apiVersion: 1 }))),
    ...DASHBOARDS()
      .filter(({ rows }) => Object.keys(rows(dashboards)).length > 0)
      .map((dashboard) =>
        ConfigFile.text(
          `dashboards/${dashboard.id}.json`,
          once(() => `${JSON.stringify(renderDashboard(dashboard, dashboards), null, 1)}\n`),
        ),
      ),
  ];
}

function portalAuthority(text: string): ConfigFile {
  return ConfigFile.text(PORTAL_CA_FILE, () => text);
}

/** Nothing that is connected later changes a dashboard: it is rendered the first time that it is asked for, and no more. */
function once(render: () => string): () => string {
  let text: string | undefined;
  return () => {
    text ??= render();
    return text;
  };
}
