import { Construct } from "constructs";
import type { IMetricsSource } from "../contracts/metrics-source";
import type { SecretDirectory, SecretStore } from "../contracts/secret-store";
import { assetText } from "../core/asset";
import { ConfigFile } from "../core/config-file";
import type { ContainerDescription } from "../docker/description";
import type { Limits } from "../docker/hardening";
import type { ContainerImage } from "../docker/image";
import type { Mounted } from "../docker/mount";
import type { BridgeNetwork } from "../docker/networks";
import { Service } from "../docker/service";

/** Where a database is, and how it is read, as far as an exporter has to know. */
export interface DatabaseMetrics {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly password: { readonly path: string };
  readonly ca: { readonly path: string };
  /** What has to be mounted besides the secrets. @default - nothing */
  readonly mounts?: readonly Mounted[];
  /** Container of the stack that accepts the connection. @default - the host */
  readonly container?: string;
}

/** A database whose metrics an account can read. */
export interface IMeasuredDatabase {
  grantAccess(client: { readonly secrets: SecretDirectory }, account: "exporter"): DatabaseMetrics;
}

export interface MysqldExporterProps {
  readonly namespace: string;
  readonly image: ContainerImage;
  /** Where Prometheus reads it. */
  readonly backend: BridgeNetwork;
  /** Where the database is. */
  readonly databaseNetwork: BridgeNetwork;
  readonly database: IMeasuredDatabase;
  readonly secrets: SecretStore;
  readonly limits: Limits;
  /** Schema and table in which hosts that follow the database say up to when they have everything. @default - no host follows */
  readonly followers?: { readonly schema: string; readonly table: string };
}

const NAME = "mysqld-exporter";
const USER = "65534:65534";
const PORT = 9104;
const DESCRIPTION: ContainerDescription = {
  purpose: ["measures the database"],
  zones: ["backend", "database"],
  listens: [PORT],
};
const CONFIG_DIRECTORY = "/etc/mysqld-exporter";
/** Those that the key metrics need, and the account may read. */
const COLLECTORS = ["global_status", "global_variables", "slave_status", "perf_schema.eventsstatementssum"];
/** On unless they are named. */
const UNWANTED = ["info_schema.innodb_cmp", "info_schema.innodb_cmpmem", "info_schema.query_response_time"];

/** Reads what MySQL tells of itself, with an account that sees no row of the wiki, over an encrypted connection. */
export class MysqldExporter extends Construct implements IMetricsSource {
  public readonly service: Service;
  public readonly metricsAddress = `${NAME}:${PORT}`;

  constructor(scope: Construct, id: string, props: MysqldExporterProps) {
    super(scope, id);
    const { namespace, image, backend, databaseNetwork, database, secrets, limits, followers } = props;
    const directory = secrets.directory(NAME, USER);
    const access = database.grantAccess({ secrets: directory }, "exporter");
    this.service = new Service(this, "Service", {
      ...limits,
      namespace,
      name: NAME,
      description: { ...DESCRIPTION, connects: [{ to: access.container ?? access.host, label: "TLS 1.3, 3306" }] },
      image,
      user: USER,
      networks: [{ network: backend }, { network: databaseNetwork }],
      hosts: { [access.host]: access.address },
      entrypoint: ["sh", `${CONFIG_DIRECTORY}/start.sh`],
      command: [
        `--web.listen-address=:${PORT}`,
        ...COLLECTORS.map((collector) => `--collect.${collector}`),
        ...UNWANTED.map((collector) => `--no-collect.${collector}`),
        ...(followers ? lagOptions(followers) : []),
      ],
      environment: {
        MYSQL_HOST: access.host,
        MYSQL_PORT: access.port,
        MYSQL_USER: access.user,
        MYSQL_CA: access.ca.path,
        MYSQL_SECRET_FILE: access.password.path,
      },
      config: { directory: CONFIG_DIRECTORY, files: [ConfigFile.text("start.sh", () => assetText("monitoring/assets/mysqld-exporter.sh"))] },
      tmpfs: { "/tmp": { sizeMiB: 1, owner: 65534, mode: "0700" } },
      mounts: [directory, ...(access.mounts ?? [])],
      // a metric shows whether the database answers
      healthCheck: { command: ["wget", "-q", "-O", "/dev/null", `http://127.0.0.1:${PORT}/`] },
    });
  }
}

/** How far other hosts are behind, in the form of a heartbeat. */
function lagOptions({ schema, table }: NonNullable<MysqldExporterProps["followers"]>): string[] {
  return ["--collect.heartbeat", "--collect.heartbeat.utc", `--collect.heartbeat.database=${schema}`, `--collect.heartbeat.table=${table}`];
}
