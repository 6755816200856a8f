import { Construct } from "constructs";
import type { SecretStore } from "../contracts/secret-store";
import { assetText } from "../core/asset";
import { ConfigFile } from "../core/config-file";
import type { Endpoint } from "../core/endpoint";
import { ConfigVolume } from "../docker/config-volume";
import type { ContainerImage } from "../docker/image";
import { Job } from "../docker/job";
import type { Mounted } from "../docker/mount";
import type { BridgeNetwork } from "../docker/networks";
import type { Service } from "../docker/service";
import { SecretText } from "../secrets/secret";
import { type Account, type DatabaseAccess, GID, type IDatabase, type IDatabaseClient, POSITION, password, USER } from "./database";

export interface ExternalDatabaseProps {
  readonly namespace: string;
  /** The server, by the name that its certificate carries. */
  readonly server: Endpoint;
  /** Certificates of the authorities that may have signed for the server, as PEM. */
  readonly ca: string;
  /** Account that may create the schema and the other accounts; its password is the provided secret `mysql_admin_password`. */
  readonly administrator: string;
  /** The client programs, of the same line as the server. */
  readonly image: ContainerImage;
  /** Network of the clients. */
  readonly network: BridgeNetwork;
  /** Forwards connections from `network` to the server, at the position of the database. */
  readonly egress: Service;
  readonly secrets: SecretStore;
}

/** The administrator's password: only the job that creates the accounts reads it. */
export const ADMIN_PASSWORD = SecretText.provided("mysql_admin_password");
/** The job that creates the accounts; a restore runs the same script. */
export const ACCOUNTS_JOB = "database-accounts";
export const ACCOUNTS_SCRIPT = "/etc/database-accounts/accounts.sh";
const CONFIG_DIRECTORY = "/etc/database-accounts";
const CA_DIRECTORY = "/etc/database-ca";
/** Certificates of the authorities, as each client sees them. */
export const CA_FILE = `${CA_DIRECTORY}/ca.pem`;
const APPLICATION = "bookstack";

/**
 * A MySQL server on another machine, such as a managed one.
 *
 * A job creates the schema and the accounts, each with the privileges of its purpose, before the first client connects. Every client verifies the
 * server's certificate against its host name; the job refuses a server of another line, one whose certificate does not match, and accounts that
 * another environment created.
 */
export class ExternalDatabase extends Construct implements IDatabase {
  public readonly ready: Job;
  public readonly data = undefined;
  public readonly errorLog = undefined;
  private readonly passwords: Readonly<Record<Account, SecretText>> = {
    application: password(APPLICATION),
    backup: password("backup"),
    exporter: password("exporter"),
  };
  private readonly authorities: Mounted;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ExternalDatabaseProps,
  ) {
    super(scope, id);
    const { namespace, server, ca, administrator, image, network, egress, secrets } = props;
    const files = [ConfigFile.text("ca.pem", () => `${ca.trim()}\n`)];
    this.authorities = new ConfigVolume(this, "Authorities", { namespace, name: "database-ca", image, files }).mountAt(CA_DIRECTORY);
    const directory = secrets.directory(ACCOUNTS_JOB, USER);
    for (const secret of [ADMIN_PASSWORD, ...Object.values(this.passwords)]) directory.add(secret);
    this.ready = new Job(this, "Accounts", {
      namespace,
      name: ACCOUNTS_JOB,
      description: { purpose: ["creates the accounts of", "the database"], zones: ["database"], connects: [{ to: egress.host, label: "once" }] },
      image,
      user: USER,
      memoryMiB: 128,
      cpus: 0.5,
      network: [{ network }],
      entrypoint: ["sh", ACCOUNTS_SCRIPT, "create"],
      environment: {
        DB_ADMIN: administrator,
        DB_CA: CA_FILE,
        DB_ENVIRONMENT: namespace,
        DB_HOST: server.host,
        DB_NAME: APPLICATION,
        DB_PORT: server.port,
      },
      config: { directory: CONFIG_DIRECTORY, files: [ConfigFile.text("accounts.sh", () => assetText("database/assets/accounts.sh"))] },
      tmpfs: { "/tmp": { sizeMiB: 1, owner: GID, mode: "0700" } },
      hosts: { [server.host]: network.subnet.address(POSITION) },
      mounts: [directory, this.authorities],
      after: [egress],
    });
  }

  public grantAccess(client: IDatabaseClient, account: Account): DatabaseAccess {
    const { server, network, egress } = this.props;
    return {
      host: server.host,
      address: network.subnet.address(POSITION),
      port: server.port,
      database: APPLICATION,
      user: account === "application" ? APPLICATION : account,
      password: client.secrets.add(this.passwords[account]),
      ca: { path: CA_FILE },
      mounts: [this.authorities],
      container: egress.host,
      adapt: readingAuthority,
    };
  }
}

function readingAuthority(script: string): string {
  return script.replaceAll('"$SECRETS/database_ca.crt"', CA_FILE).replaceAll(" database_ca.crt; do", "; do");
}
