import { Construct } from "constructs";
import { assetText } from "../core/asset";
import { ConfigFile } from "../core/config-file";
import { Duration } from "../core/duration";
import { requireAll } from "../core/errors";
import type { DatabaseAccess, MySql } from "../database/mysql";
import { ConfigVolume } from "../docker/config-volume";
import type { DataVolumes } from "../docker/data-volumes";
import type { ContainerDescription } from "../docker/description";
import type { Limits } from "../docker/hardening";
import type { ContainerImage } from "../docker/image";
import { Job } from "../docker/job";
import type { LogFile } from "../docker/log-file";
import type { BridgeNetwork } from "../docker/networks";
import { Service } from "../docker/service";
import type { ISignOn, SignOnAccess } from "../edge/authelia/sign-on";
import type { IRoutable, RouteOptions } from "../edge/traefik/traefik";
import type { BackedUp, IBackedUp } from "../secrets/backed-up";
import { SecretText } from "../secrets/secret";
import type { SecretDirectory, SecretStore } from "../secrets/secret-store";
import { renderCliIni } from "./bookstack-cli";
import {
  APPLICATION_DIRECTORY,
  type BookStackSettings,
  CONFIG_DIRECTORY,
  ERROR_LOG,
  LOG_DIRECTORY,
  METRICS_PORT,
  renderApacheVariables,
  renderEnvironment,
  renderPhpIni,
  renderSignOn,
  renderTmpfs,
  SCRATCH_DIRECTORY,
  THEME,
  THEME_DIRECTORY,
  WIKI_PORT,
} from "./bookstack-config";
import { certificateFiles, type Outbound, renderOutbound } from "./bookstack-outbound";
import { API, ASSETS } from "./open-paths";
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
  readonly mysql: MySql;
  readonly administrator: FirstAdministrator;
  readonly volumes: DataVolumes;
  readonly secrets: SecretStore;
  /**
   * The single sign-on provider.
   * @default - with BookStack's own form
   */
  readonly signOn?: ISignOn;
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
  readonly limits: Limits;
}

const NAME = "bookstack";
const DESCRIPTION: ContainerDescription = {
  purpose: ["the wiki"],
  zones: ["backend", "database"],
  listens: [WIKI_PORT, METRICS_PORT],
  connects: [
    { to: "traefik", label: "443: the portal" },
    { to: "egress", label: "mail, webhooks" },
    { to: "bookstack-db", label: "TLS 1.3, 3306" },
  ],
};
const UID = 1000;
const USER = `${UID}:${UID}`;
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
    requireAll(this, [
      [props.url.startsWith("https://"), `url must begin with https://, got ${props.url}`],
      [/^[^@\s]+@[^@\s]+$/.test(props.administrator.email), `administrator.email must be an address, got "${props.administrator.email}"`],
      [
        props.administrator.email.toLowerCase() !== STOCK_ACCOUNT,
        `administrator.email must not be ${STOCK_ACCOUNT}; that account's password is publicly known`,
      ],
    ]);
    const key = SecretText.laravelKey("app_key");
    this.setup = this.makeSetup(props, key);
    const directory = secrets.directory(NAME, USER);
    directory.add(key);
    const access = props.mysql.grantAccess({ secrets: directory }, "application");
    secrets.guard(props.mysql.data, [key]);
    // registered in any case, so that the portal stays as it is
    const client = props.signOn?.registerClient({
      id: NAME,
      name: "BookStack",
      redirectUri: `${props.url}/oidc/callback`,
      homeUrl: `${props.url}/`,
      secrets: directory,
    });
    const signOn = props.breakGlass ? undefined : client;
    this.edge = {
      healthPath: "/status",
      assets: ASSETS,
      api: API,
      queue: PHP_QUEUE,
      framed: props.options?.ALLOWED_IFRAME_HOSTS !== undefined,
      times: { request: uploadTime(props.sizes), answer: answerTime(props.sizes) },
    };
    const { users } = props;
    if (users) new UsersJob(this, "Users", { ...props, users, key, files: configFiles(props), user: USER, after: [this.setup] });
    const [pictures, attachments] = [volumes.volume("uploads-public", { owner: USER }), volumes.volume("uploads", { owner: USER })];
    this.backedUp = { volumes: [pictures, attachments].map((volume) => ({ volume, kind: "moving" })), secrets: [key, ADMINISTRATOR_PASSWORD] };
    const theme = new ConfigVolume(this, "Theme", { namespace, name: `${NAME}-theme`, image, files: themeFiles() });
    this.errorLog = { volume: volumes.volume("bookstack-logs", { owner: USER }), file: ERROR_LOG, group: UID };
    this.service = new Service(this, "Service", {
      ...limits,
      namespace,
      name: NAME,
      description: DESCRIPTION,
      image,
      user: USER,
      networks: [{ network: backend, position }, { network: database }],
      entrypoint: ["sh", `${CONFIG_DIRECTORY}/entrypoint.sh`],
      command: ["web"],
      environment: { ...renderEnvironment(props, access), ...renderSignOn(signOn), ...renderOutbound(outbound, directory), APP_THEME: THEME },
      config: { directory: CONFIG_DIRECTORY, files: configFiles(props, signOn, outbound) },
      tmpfs: renderTmpfs(UID),
      hosts: { ...outbound.hosts, [access.host]: access.address },
      mounts: [
        directory,
        theme.mountAt(THEME_DIRECTORY),
        this.errorLog.volume.mountAt(LOG_DIRECTORY),
        volumes.volume("bookstack-scratch", { owner: USER, scratch: true }).mountAt(SCRATCH_DIRECTORY),
        pictures.mountAt(`${APPLICATION_DIRECTORY}/public/uploads`),
        attachments.mountAt(`${APPLICATION_DIRECTORY}/storage/uploads`),
      ],
      healthCheck: {
        command: ["curl", "-fsS", "-m", "4", "-o", "/dev/null", `http://127.0.0.1:${WIKI_PORT}/status`],
        startPeriod: Duration.seconds(60),
      },
      // Apache's own sign to finish requests and end
      stopSignal: "SIGWINCH",
      after: [this.setup],
    });
    this.httpServers = [`http://${this.service.host}:${WIKI_PORT}`];
    this.metricsAddress = `${this.service.host}:${METRICS_PORT}`;
  }

  /** Migrates the database and replaces the stock account, on the database's network alone. */
  private makeSetup(props: BookStackProps, key: SecretText): Job {
    const { namespace, image, database, mysql, administrator, limits } = props;
    const directory: SecretDirectory = props.secrets.directory(`${NAME}-setup`, USER);
    for (const secret of [key, ADMINISTRATOR_PASSWORD]) directory.add(secret);
    props.operator.add(ADMINISTRATOR_PASSWORD);
    const access: DatabaseAccess = mysql.grantAccess({ secrets: directory }, "application");
    return new Job(this, "Setup", {
      ...limits,
      namespace,
      name: `${NAME}-setup`,
      description: {
        purpose: ["creates the tables,", "replaces the stock account"],
        zones: ["database"],
        connects: [{ to: "bookstack-db", label: "once, 3306" }],
      },
      image,
      user: USER,
      network: [{ network: database }],
      entrypoint: ["sh", `${CONFIG_DIRECTORY}/entrypoint.sh`, "setup"],
      environment: {
        ...renderEnvironment(props, access),
        ...renderSignOn(undefined),
        ...renderOutbound({}),
        WIKI_ADMIN_EMAIL: administrator.email,
        WIKI_ADMIN_NAME: administrator.name,
      },
      config: { directory: CONFIG_DIRECTORY, files: [...configFiles(props), ...setupFiles()] },
      tmpfs: { ...renderTmpfs(UID), [SCRATCH_DIRECTORY]: `rw,noexec,nosuid,nodev,size=16m,uid=${UID},gid=${UID},mode=0750` },
      hosts: { [access.host]: access.address },
      mounts: [directory],
      after: [mysql.service],
    });
  }
}

const STOCK_ACCOUNT = "admin@admin.com";

const SHARED_ASSETS = [
  "entrypoint.sh",
  "prepend.php",
  "requests/leftovers.php",
  "requests/expensive.php",
  "secrets.php",
  "error-log.sh",
  "httpd.conf",
] as const;

/** Files that every process of the application reads. */
function configFiles(settings: BookStackSettings & Pick<BookStackProps, "limits">, signOn?: SignOnAccess, outbound: Outbound = {}): ConfigFile[] {
  return [
    ...SHARED_ASSETS.map((file) => ConfigFile.text(file, () => assetText(`wiki/assets/${file}`))),
    ConfigFile.text("variables.conf", () => renderApacheVariables(settings, signOn)),
    ConfigFile.ini("php/90-wiki.ini", () => renderPhpIni(settings, outbound)),
    ConfigFile.ini("php-cli/95-commands.ini", () => renderCliIni(settings.limits)),
    ...certificateFiles(outbound, signOn?.caText),
  ];
}

function setupFiles(): ConfigFile[] {
  return ["setup.php", "database-update.php"].map((file) => ConfigFile.text(file, () => assetText(`wiki/assets/${file}`)));
}

const THEME_FILES = [
  "functions.php",
  "database-hangs.php",
  "metrics.php",
  "mail.php",
  "permissions.php",
  "after-response.php",
  "accounts.php",
  "sign-on.php",
  "session.php",
  "session-texts.php",
  "session.js",
  "layouts/parts/base-body-end.blade.php",
];

function themeFiles(): ConfigFile[] {
  return THEME_FILES.map((file) => ConfigFile.text(file, () => assetText(`wiki/assets/theme/${file}`)));
}
