import { Construct } from "constructs";
import type { SecretDirectory, SecretStore } from "../contracts/secret-store";
import { assetText } from "../core/asset";
import { ByteSize } from "../core/byte-size";
import { ConfigFile } from "../core/config-file";
import { Duration } from "../core/duration";
import { type Rule, requireAll } from "../core/errors";
import type { DataVolume, DataVolumes } from "../docker/data-volumes";
import type { Limits } from "../docker/hardening";
import type { ContainerImage } from "../docker/image";
import type { LogFile } from "../docker/log-file";
import type { BridgeNetwork } from "../docker/networks";
import { type HealthCheck, Service } from "../docker/service";
import { Authority, type SecretText, ServerCertificate, type StoredFile } from "../secrets/secret";
import { type Account, type DatabaseAccess, GID, type IDatabase, type IDatabaseClient, PORT, POSITION, password, USER } from "./database";
import { CONFIG_DIRECTORY, DATA_DIRECTORY, ERROR_LOG, LOG_DIRECTORY, type MySqlTuning, renderMyCnf } from "./mysql-config";
import { REPLICA_ACCOUNT, type Replication, replicationAccounts, SOURCE_SECRETS } from "./replication";

export interface MySqlProps extends Partial<MySqlTuning> {
  readonly namespace: string;
  /**
   * What the database is for, in lower-case letters and digits: name of the schema and of the application's account, and beginning of the
   * server's host name, `<application>-db`.
   * @default "bookstack"
   */
  readonly application?: string;
  /** MySQL 8.0 or later. */
  readonly image: ContainerImage;
  /** The only network of the server. */
  readonly network: BridgeNetwork;
  readonly volumes: DataVolumes;
  readonly secrets: SecretStore;
  readonly limits: Limits;
  /** Part of the server in a replication. @default - it is alone */
  readonly replication?: Replication;
}

/** Accounts and schemas that are not the application's; the script that creates the accounts uses the same names. */
const RESERVED = ["root", "health", "backup", "exporter", "restore", "mysql", "sys"];
const BUFFER_POOL = ByteSize.mebibytes(256);
const SLOW_QUERY = Duration.seconds(1);
/** Starts faster than this, but a first start on a slow disk does not. */
const START_PERIOD = Duration.seconds(120);
const HEALTH_CHECK: HealthCheck = {
  command: ["mysql", "--defaults-file=/run/mysqld/health.cnf", "-NBe", "select 1"],
  interval: Duration.seconds(5),
  startPeriod: START_PERIOD,
  retries: 6,
};

/**
 * The database, on its own network, without a route out and without a published port.
 *
 * Every connection is encrypted, every account has its own password from a file and the privileges of its purpose; root logs in
 * from within the container only. It never starts with new passwords over old data.
 */
export class MySql extends Construct implements IDatabase {
  public readonly service: Service;
  public readonly ready: Service;
  /** What the server keeps. */
  public readonly data: DataVolume;
  /** Includes failed logins. */
  public readonly errorLog: LogFile;
  private readonly network: BridgeNetwork;
  private readonly application: string;
  private readonly host: string;
  private readonly authority: Authority;
  private readonly passwords: Readonly<Record<Account, SecretText>>;

  constructor(scope: Construct, id: string, props: MySqlProps) {
    super(scope, id);
    const { namespace, application = "bookstack", image, network, volumes, secrets, limits, replication } = props;
    const { bufferPool = BUFFER_POOL, slowQuery = SLOW_QUERY } = props;
    requireAll(this, rules(application, bufferPool, limits));
    this.network = network;
    this.application = application;
    this.host = `${application}-db`;
    this.authority = new Authority("database_ca", this.host, { watchedAs: "database-authority", renewed: true });
    this.passwords = { application: password(application), backup: password("backup"), exporter: password("exporter") };
    const directory = secrets.directory(this.host, USER);
    const files = this.grantSecrets(directory, replication);
    this.data = volumes.volume("database", { owner: USER });
    secrets.guard(this.data, [password("root"), ...Object.values(this.passwords)]);
    this.errorLog = { volume: volumes.volume("database-logs", { owner: USER }), file: ERROR_LOG, group: GID };
    this.service = new Service(this, "Service", {
      ...limits,
      namespace,
      name: this.host,
      description: { purpose: ["MySQL"], zones: ["database"], listens: [PORT] },
      image,
      user: USER,
      networks: [{ network, position: POSITION }],
      entrypoint: ["sh", `${CONFIG_DIRECTORY}/start.sh`],
      config: {
        directory: CONFIG_DIRECTORY,
        files: [
          ConfigFile.ini("my.cnf", () => renderMyCnf({ bufferPool, slowQuery }, files, replication)),
          ConfigFile.text("start.sh", () => renderStart(application, replication)),
          ConfigFile.asset("secrets/assets/reload-when-renewed.sh"),
          ...(replication ? [ConfigFile.asset("database/assets/replication.sh")] : []),
        ],
      },
      tmpfs: { "/tmp": { sizeMiB: 64 }, "/run/mysqld": { sizeMiB: 1, owner: GID, mode: "0750" } },
      mounts: [directory, this.data.mountAt(DATA_DIRECTORY), this.errorLog.volume.mountAt(LOG_DIRECTORY)],
      healthCheck: HEALTH_CHECK,
      stopGraceSeconds: 120,
    });
    this.ready = this.service;
  }

  /** What another host needs to follow this server. */
  public get followed(): { readonly host: string; readonly secrets: readonly StoredFile[] } {
    return { host: this.host, secrets: [password(REPLICA_ACCOUNT), this.authority.certificate] };
  }

  /** Gives `client` the password of `account` and the CA; the client joins the network itself. */
  public grantAccess(client: IDatabaseClient, account: Account): DatabaseAccess {
    return {
      host: this.host,
      address: this.network.subnet.address(POSITION),
      port: PORT,
      database: this.application,
      user: account === "application" ? this.application : account,
      password: client.secrets.add(this.passwords[account]),
      ca: client.secrets.add(this.authority.certificate),
      mounts: [],
      container: this.host,
      adapt: (script) => script,
    };
  }

  /** The secrets of the server itself. */
  private grantSecrets(directory: SecretDirectory, replication: Replication | undefined) {
    const server = new ServerCertificate("database", this.authority, () => [this.host]);
    if (replication) for (const secret of this.followed.secrets) directory.add(secret);
    if (replication?.role === "replica") for (const secret of SOURCE_SECRETS) directory.add(secret);
    for (const name of ["root", "health"]) directory.add(password(name));
    for (const secret of Object.values(this.passwords)) directory.add(secret);
    return {
      ca: directory.add(this.authority.certificate).path,
      certificate: directory.add(server.certificate).path,
      key: directory.add(server.key).path,
    };
  }
}

/** The script that starts the server: it is written for the wiki's schema and account; another application has its own. */
export function renderStart(application: string, replication?: Replication): string {
  const script = assetText("database/assets/start.sh").replace(/\bbookstack(?!-db)/g, application);
  return replication ? replicationAccounts(script, replication, "exporter") : script;
}

/** What MySQL needs beside the buffer pool, measured during a first start with the performance schema on. */
export const MYSQL_OVERHEAD_MIB = 512;

function rules(application: string, bufferPool: ByteSize, { memoryMiB }: Limits): Rule[] {
  const least = bufferPool.mebibytes + MYSQL_OVERHEAD_MIB;
  return [
    [
      /^[a-z][a-z0-9]{0,23}$/.test(application) && !RESERVED.includes(application),
      `application must be 1 to 24 lower-case letters and digits, and none of ${RESERVED.join(", ")}, got "${application}"`,
    ],
    [
      memoryMiB >= least,
      `memory must be ${least} MiB or more with a buffer pool of ${bufferPool}, got ${memoryMiB} MiB; MySQL is killed during its first start otherwise`,
    ],
  ];
}
