import { Construct } from "constructs";
import { assetText } from "../core/asset";
import { ConfigFile } from "../core/config-file";
import { Duration } from "../core/duration";
import { requireAll } from "../core/errors";
import type { DataVolume, DataVolumes } from "../docker/data-volumes";
import type { Limits } from "../docker/hardening";
import type { ContainerImage } from "../docker/image";
import type { LogFile } from "../docker/log-file";
import type { BridgeNetwork } from "../docker/networks";
import { Service } from "../docker/service";
import { Authority, SecretText, ServerCertificate } from "../secrets/secret";
import type { SecretDirectory, SecretFile, SecretStore } from "../secrets/secret-store";
import { CONFIG_DIRECTORY, DATA_DIRECTORY, ERROR_LOG, LOG_DIRECTORY, type MySqlTuning, renderMyCnf } from "./mysql-config";

export interface MySqlProps extends MySqlTuning {
  readonly namespace: string;
  /** MySQL 8.0 or later. */
  readonly image: ContainerImage;
  /** The only network of the server. */
  readonly network: BridgeNetwork;
  readonly volumes: DataVolumes;
  readonly secrets: SecretStore;
  readonly limits: Limits;
}

/** A service that reads and writes the wiki's data. */
export interface IDatabaseClient {
  /** Where it finds its secrets. */
  readonly secrets: SecretDirectory;
}

/** What a client needs to open a connection. */
export interface DatabaseAccess {
  /** Name that the server's certificate carries. */
  readonly host: string;
  /** Address behind the name: it never changes, and a client that has it does not depend on DNS while the server is down. */
  readonly address: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: SecretFile;
  /** Certificate authority that signed the server's certificate. */
  readonly ca: SecretFile;
}

/** What the server does for somebody; the script that makes the accounts knows the same names. */
export type Account = "bookstack" | "backup" | "exporter";

const HOST = "bookstack-db";
const PORT = 3306;
/** Position of the server within the database network. */
const POSITION = 10;
const GID = 999;
const USER = `999:${GID}`;
const ACCOUNTS: readonly Account[] = ["bookstack", "backup", "exporter"];
/** Starts faster than this, but a first start on a slow disk does not. */
const START_PERIOD = Duration.seconds(120);

/**
 * The database, on its own network, without a route out and without a published port.
 *
 * Every connection is encrypted, every account has a password of its own from a file and the rights of its purpose; root logs in
 * from within the container only. It never starts with new passwords over old data.
 */
export class MySql extends Construct {
  public readonly service: Service;
  /** What the server keeps. */
  public readonly data: DataVolume;
  /** Failed log-ins among the rest. */
  public readonly errorLog: LogFile;
  private readonly network: BridgeNetwork;
  private readonly authority = new Authority("database_ca", HOST, { watchedAs: "database-authority", renewed: true });
  private readonly passwords: Readonly<Record<Account, SecretText>>;

  constructor(scope: Construct, id: string, props: MySqlProps) {
    super(scope, id);
    const { namespace, image, network, volumes, secrets, limits, bufferPool } = props;
    requireAll(this, [
      [
        limits.memoryMiB >= bufferPool.mebibytes + MYSQL_OVERHEAD_MIB,
        `memory must be ${bufferPool.mebibytes + MYSQL_OVERHEAD_MIB} MiB or more with a buffer pool of ${bufferPool}, got ${limits.memoryMiB} MiB; MySQL is killed during its first start otherwise`,
      ],
    ]);
    this.network = network;
    this.passwords = { bookstack: password("bookstack"), backup: password("backup"), exporter: password("exporter") };
    const directory = secrets.directory(HOST, USER);
    const files = this.hand(directory);
    this.data = volumes.volume("database", { owner: USER });
    secrets.guard(this.data, [password("root"), ...Object.values(this.passwords)]);
    this.errorLog = { volume: volumes.volume("database-logs", { owner: USER }), file: ERROR_LOG, group: GID };
    this.service = new Service(this, "Service", {
      ...limits,
      namespace,
      name: HOST,
      description: { purpose: ["MySQL"], zones: ["database"], listens: [PORT] },
      image,
      user: USER,
      networks: [{ network, position: POSITION }],
      entrypoint: ["sh", `${CONFIG_DIRECTORY}/start.sh`],
      config: {
        directory: CONFIG_DIRECTORY,
        files: [ConfigFile.ini("my.cnf", () => renderMyCnf(props, files)), ConfigFile.text("start.sh", () => assetText("database/assets/start.sh"))],
      },
      tmpfs: {
        "/tmp": "rw,noexec,nosuid,nodev,size=64m,mode=1777",
        "/run/mysqld": "rw,noexec,nosuid,nodev,size=1m,uid=999,gid=999,mode=0750",
      },
      mounts: [directory, this.data.mountAt(DATA_DIRECTORY), this.errorLog.volume.mountAt(LOG_DIRECTORY)],
      healthCheck: {
        command: ["mysql", "--defaults-file=/run/mysqld/health.cnf", "-NBe", "select 1"],
        interval: Duration.seconds(5),
        startPeriod: START_PERIOD,
        retries: 6,
      },
      stopGraceSeconds: 120,
    });
  }

  /** Gives `client` the password of `account` and what else it needs; the client joins the network by itself. */
  public grantAccess(client: IDatabaseClient, account: Account): DatabaseAccess {
    return {
      host: HOST,
      address: this.network.subnet.address(POSITION),
      port: PORT,
      database: "bookstack",
      user: account,
      password: client.secrets.add(this.passwords[account]),
      ca: client.secrets.add(this.authority.certificate),
    };
  }

  /** The secrets of the server itself. */
  private hand(directory: SecretDirectory) {
    const server = new ServerCertificate("database", this.authority, () => [HOST]);
    for (const name of ["root", "health"]) directory.add(password(name));
    for (const account of ACCOUNTS) directory.add(this.passwords[account]);
    return {
      ca: directory.add(this.authority.certificate).path,
      certificate: directory.add(server.certificate).path,
      key: directory.add(server.key).path,
    };
  }
}

/** What MySQL needs beside the buffer pool, measured during a first start with the performance schema on. */
export const MYSQL_OVERHEAD_MIB = 512;

function password(account: string): SecretText {
  return SecretText.password(`mysql_${account}_password`);
}
