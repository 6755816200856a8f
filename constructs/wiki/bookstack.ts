import { Construct } from "constructs";
import type { BackedUp, IBackedUp } from "../contracts/backed-up";
import type { IIdentityProvider, SignOnAccess } from "../contracts/identity-provider";
import type { IRoutable } from "../contracts/routable";
import type { SecretDirectory, SecretStore } from "../contracts/secret-store";
import type { ConfigFile } from "../core/config-file";
import { Duration } from "../core/duration";
import { type Rule, requireAll } from "../core/errors";
import type { IDatabase } from "../database/database";
import { ConfigVolume } from "../docker/config-volume";
import type { DataVolume, DataVolumeProps, DataVolumes } from "../docker/data-volumes";
import type { Connection, ContainerDescription } from "../docker/description";
import type { Limits } from "../docker/hardening";
import type { ContainerImage } from "../docker/image";
import type { Job } from "../docker/job";
import type { LogFile } from "../docker/log-file";
import type { Mounted } from "../docker/mount";
import type { BridgeNetwork } from "../docker/networks";
import { type HealthCheck, Service } from "../docker/service";
import type { RouteOptions } from "../edge/traefik/traefik";
import { SecretText } from "../secrets/secret";
import {
  APPLICATION_DIRECTORY,
  type BookStackSettings,
  CONFIG_DIRECTORY,
  ERROR_LOG,
  LOG_DIRECTORY,
  METRICS_PORT,
  renderEnvironment,
  renderSignOn,
  SCRATCH_DIRECTORY,
  THEME,
  THEME_DIRECTORY,
  WIKI_PORT,
  wikiTmpfs,
} from "./bookstack-config";
import { configFiles, forDatabase, themeFiles } from "./bookstack-files";
import { type Outbound, renderOutbound } from "./bookstack-outbound";
import { API, ASSETS } from "./open-paths";
import { setupJob } from "./setup-job";
import { UsersJob } from "./users-job";
import { answerTime, uploadTime } from "./wiki-sizes";
import { PHP_QUEUE } from "./workers";

/** The first administrator, who replaces the stock account. */
export interface FirstAdministrator {
  readonly email: string;
  readonly name: string;
}

export interface BookStackProps extends BookStackSettings {
  readonly namespace: string;
  readonly image: ContainerImage;
  /** Where the edge reaches the wiki. */
  readonly backend: BridgeNetwork;
  /** Where the database is. */
  readonly database: BridgeNetwork;
  readonly mysql: IDatabase;
  readonly administrator: FirstAdministrator;
  readonly volumes: DataVolumes;
  readonly secrets: SecretStore;
  /**
   * The single sign-on provider.
   * @default - with BookStack's own form
   */
  readonly signOn?: IIdentityProvider;
  /**
   * All users there: a JSON list of name, previousNames, displayName, email and groups.
   * @default - accounts change at sign-in alone
   */
  readonly users?: ConfigFile;
  /**
   * Whether BookStack's own form replaces `signOn` for now.
   * @default false
   */
  readonly breakGlass?: boolean;
  /**
   * Servers outside that the wiki sends mail to, and that webhooks call.
   * @default - none: the wiki tries no server outside
   */
  readonly outbound?: Outbound;
  /**
   * Position of a fixed address within `backend`, for services that accept only the wiki.
   * @default - Docker chooses an address at each start
   */
  readonly position?: number;
  /** What a person may read: the first administrator's password goes here. */
  readonly operator: SecretDirectory;
  /**
   * Directory of the Docker host with `uploads` and `uploads-public`, which belong to 1000:1000.
   * @default - Docker keeps the uploads in volumes
   */
  readonly uploadsDirectory?: string;
  readonly limits: Limits;
}

const NAME = "bookstack";
const DESCRIPTION: ContainerDescription = {
  purpose: ["the wiki"],
  zones: ["backend", "database"],
  listens: [WIKI_PORT, METRICS_PORT],
};
const CONNECTIONS: readonly Connection[] = [
  { to: "traefik", label: "443: the portal" },
  { to: "egress", label: "mail, webhooks" },
];
const HEALTH_CHECK: HealthCheck = {
  command: ["curl", "-fsS", "-m", "4", "-o", "/dev/null", `http://127.0.0.1:${WIKI_PORT}/status`],
  startPeriod: Duration.seconds(60),
};
/** Apache finishes the requests that it has, then ends. Sessions, cache and locks are in the database, so that several may run. */
const RUNNING = { stopSignal: "SIGWINCH", scales: true } as const;
const UID = 1000;
const USER = `${UID}:${UID}`;
const SHARED: DataVolumeProps = { owner: USER, shared: true };
const ADMINISTRATOR_PASSWORD = SecretText.password("wiki_admin_password");

/**
 * The wiki, as a user without rights on a root that it cannot write.
 *
 * A job migrates a copy of the database and replaces the stock account before the wiki is served for the first time, and again with
 * each new image; until it has succeeded nothing of that image listens. With single sign-on there is no login form here.
 */
export class BookStack extends Construct implements IRoutable, IBackedUp {
  public readonly service: Service;
  /** Migrates the database, once before the service. */
  public readonly setup: Job;
  public readonly httpServers: readonly string[];
  /** Route options of the wiki, without access control. */
  public readonly edge: Omit<RouteOptions, "access">;
  /** `host:port` of the metrics on the internal network. */
  public readonly metricsAddress: string;
  /** Errors, including failed logins at the wiki's own form. */
  public readonly errorLog: LogFile;
  /** Pictures and attachments, the key that encrypts parts of the database, and the password of the first administrator, which is in it. */
  public readonly backedUp: BackedUp;

  constructor(scope: Construct, id: string, props: BookStackProps) {
    super(scope, id);
    const { namespace, image, backend, position, database, volumes, secrets, limits, outbound = {} } = props;
    requireAll(this, rules(props));
    const key = SecretText.laravelKey("app_key");
    this.setup = setupJob(this, { ...props, key, password: ADMINISTRATOR_PASSWORD, user: USER });
    const directory = directoryOf(props, key);
    const access = props.mysql.grantAccess({ secrets: directory }, "application");
    const signOn = signOnOf(props, directory);
    this.edge = edgeOf(props);
    if (props.users) new UsersJob(this, "Users", { ...props, users: props.users, key, files: configFiles(props), user: USER, after: [this.setup] });
    const [pictures, attachments] = [uploadVolume("uploads-public", props), uploadVolume("uploads", props)];
    if (props.mysql.data === undefined) secrets.guard(attachments, [key]);
    this.backedUp = { volumes: [pictures, attachments].map((volume) => ({ volume, kind: "moving" })), secrets: [key, ADMINISTRATOR_PASSWORD] };
    const theme = new ConfigVolume(this, "Theme", { namespace, name: `${NAME}-theme`, image, files: themeFiles() });
    const logs = volumes.volume("bookstack-logs", SHARED);
    this.errorLog = { volume: logs, file: ERROR_LOG, group: UID };
    const scratch = volumes.volume("bookstack-scratch", { ...SHARED, scratch: true });
    this.service = new Service(this, "Service", {
      ...limits,
      namespace,
      name: NAME,
      description: { ...DESCRIPTION, connects: [...CONNECTIONS, { to: access.container, label: "TLS 1.3, 3306" }] },
      image,
      user: USER,
      networks: [{ network: backend, position }, { network: database }],
      entrypoint: ["sh", `${CONFIG_DIRECTORY}/entrypoint.sh`],
      command: ["web"],
      environment: { ...renderEnvironment(props, access), ...renderSignOn(signOn), ...renderOutbound(outbound, directory), APP_THEME: THEME },
      config: { directory: CONFIG_DIRECTORY, files: forDatabase(configFiles(props, signOn, outbound), access) },
      tmpfs: wikiTmpfs(UID),
      hosts: { ...outbound.hosts, [access.host]: access.address },
      mounts: [directory, ...access.mounts, theme.mountAt(THEME_DIRECTORY), logs.mountAt(LOG_DIRECTORY), ...dataMounts(scratch, pictures, attachments)],
      healthCheck: HEALTH_CHECK,
      ...RUNNING,
      after: [this.setup],
    });
    ({ httpServers: this.httpServers } = this.service.http(WIKI_PORT));
    this.metricsAddress = `${this.service.host}:${METRICS_PORT}`;
  }
}

/** The key is guarded by the data of the database; where another machine keeps these, uploads show that there are some. */
function directoryOf({ secrets, mysql }: BookStackProps, key: SecretText): SecretDirectory {
  const directory = secrets.directory(NAME, USER);
  directory.add(key);
  if (mysql.data) secrets.guard(mysql.data, [key]);
  return directory;
}

function uploadVolume(name: string, { volumes, uploadsDirectory }: BookStackProps): DataVolume {
  return volumes.volume(name, { ...SHARED, ...(uploadsDirectory !== undefined && { directory: `${uploadsDirectory}/${name}` }) });
}

function dataMounts(scratch: DataVolume, pictures: DataVolume, attachments: DataVolume): Mounted[] {
  const uploads = [pictures.mountAt(`${APPLICATION_DIRECTORY}/public/uploads`), attachments.mountAt(`${APPLICATION_DIRECTORY}/storage/uploads`)];
  return [scratch.mountAt(SCRATCH_DIRECTORY), ...uploads];
}

const STOCK_ACCOUNT = "admin@admin.com";

function rules({ url, administrator: { email } }: BookStackProps): Rule[] {
  return [
    [url.startsWith("https://"), `url must begin with https://, got ${url}`],
    [/^[^@\s]+@[^@\s]+$/.test(email), `administrator.email must be an address, got "${email}"`],
    [email.toLowerCase() !== STOCK_ACCOUNT, `administrator.email must not be ${STOCK_ACCOUNT}; that account's password is publicly known`],
  ];
}

/** How people sign in. The wiki is registered with the portal in break-glass mode as well, so that the portal is not changed by it. */
function signOnOf({ signOn, url, breakGlass }: BookStackProps, secrets: SecretDirectory): SignOnAccess | undefined {
  const access = signOn?.registerClient({ id: NAME, name: "BookStack", redirectUri: `${url}/oidc/callback`, homeUrl: `${url}/`, secrets });
  return breakGlass ? undefined : access;
}

function edgeOf({ options, sizes }: BookStackProps): Omit<RouteOptions, "access"> {
  return {
    healthPath: "/status",
    assets: ASSETS,
    api: API,
    queue: PHP_QUEUE,
    framed: options?.ALLOWED_IFRAME_HOSTS !== undefined,
    times: { request: uploadTime(sizes), answer: answerTime(sizes) },
  };
}
