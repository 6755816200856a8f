import { Construct } from "constructs";
import type { SecretStore } from "../contracts/secret-store";
import { ConfigFile } from "../core/config-file";
import { Duration } from "../core/duration";
import type { DataVolume } from "../docker/data-volumes";
import type { ContainerImage } from "../docker/image";
import type { BridgeNetwork } from "../docker/networks";
import { Service } from "../docker/service";
import { SecretText, type StoredFile } from "../secrets/secret";
import { FILES_ROW, SOURCE_SECRETS } from "./replication";
import { FILES_PORT } from "./standby-link";

/** Owner of uploads and of the portal's data. */
const USER = "1000:1000";
export const SYNC_DIRECTORY = "/etc/standby-sync";
/** With seconds in front. */
const CRONTAB = `*/30 * * * * * * sh ${SYNC_DIRECTORY}/standby-sync.sh\n*/5 * * * * * * sh ${SYNC_DIRECTORY}/standby-report.sh\n`;
export const FILES_PASSWORD = SecretText.password("standby_files_password", 48);
export const SOURCE_FILES_PASSWORD = SecretText.provided("standby_source_files_password");

export interface StandbySourceProps {
  readonly namespace: string;
  /** An image with rclone. */
  readonly image: ContainerImage;
  readonly network: BridgeNetwork;
  /** Position of its address within the network. */
  readonly position: number;
  readonly secrets: SecretStore;
  /** What the standby gets. */
  readonly volumes: readonly DataVolume[];
}

/** Serves files of the wiki to its standby, read-only, on the internal network of the database. */
export class StandbySource extends Construct {
  public readonly service: Service;

  constructor(scope: Construct, id: string, { namespace, image, network, position, secrets, volumes }: StandbySourceProps) {
    super(scope, id);
    const directory = secrets.directory("standby-source", USER);
    directory.add(FILES_PASSWORD);
    this.service = new Service(this, "Service", {
      namespace,
      name: "standby-source",
      description: { purpose: ["files for the standby"], zones: ["database"], listens: [FILES_PORT] },
      image,
      user: USER,
      memoryMiB: 128,
      cpus: 0.5,
      networks: [{ network, position }],
      entrypoint: ["sh", "/etc/standby-source/standby-serve.sh"],
      environment: { FILES_PORT },
      config: { directory: "/etc/standby-source", files: [ConfigFile.asset("database/assets/standby-serve.sh")] },
      tmpfs: { "/tmp": { sizeMiB: 16 } },
      mounts: [directory, ...volumes.map((volume) => volume.mountReadOnlyAt(`/sources/${volume.node.id}`))],
      healthCheck: { command: ["sh", "-c", `grep -qi ' 0A ' /proc/net/tcp /proc/net/tcp6`], interval: Duration.seconds(30) },
    });
  }
}

export interface StandbySyncProps {
  readonly namespace: string;
  /** An image with rclone and supercronic. */
  readonly image: ContainerImage;
  readonly network: BridgeNetwork;
  readonly secrets: SecretStore;
  /** Address of the link. */
  readonly link: string;
  readonly volumes: readonly DataVolume[];
  /** The database of the standby, with what an account needs that reads its heartbeat. */
  readonly database: { readonly host: string; readonly address: string; readonly serverId: number; readonly secrets: readonly StoredFile[] };
}

/**
 * Keeps the files of a standby like those of the source: rclone copies what differs, every 30 seconds. Every five seconds it tells the
 * source up to when the standby has everything.
 */
export class StandbySync extends Construct {
  public readonly service: Service;

  constructor(scope: Construct, id: string, { namespace, image, network, secrets, link, volumes, database }: StandbySyncProps) {
    super(scope, id);
    const directory = secrets.directory("standby-sync", USER);
    for (const secret of [SOURCE_FILES_PASSWORD, ...SOURCE_SECRETS, ...database.secrets]) directory.add(secret);
    this.service = new Service(this, "Service", {
      namespace,
      name: "standby-sync",
      description: { purpose: ["copies files of the source"], zones: ["database"] },
      image,
      user: USER,
      memoryMiB: 256,
      cpus: 1,
      networks: [{ network }],
      hosts: { [database.host]: database.address },
      entrypoint: ["supercronic", "-quiet", "-passthrough-logs", `${SYNC_DIRECTORY}/crontab`],
      environment: {
        DATABASE_HOST: database.host,
        FILES_ROW: database.serverId + FILES_ROW,
        LINK_ADDRESS: link,
        LINK_PORT: FILES_PORT,
        SERVER_ID: database.serverId,
        SYNC_VOLUMES: volumes.map(({ node }) => node.id).join(" "),
      },
      config: {
        directory: SYNC_DIRECTORY,
        files: [...["sync", "report"].map((name) => ConfigFile.asset(`database/assets/standby-${name}.sh`)), ConfigFile.text("crontab", () => CRONTAB)],
      },
      tmpfs: { "/tmp": { sizeMiB: 16 } },
      mounts: [directory, ...volumes.map((volume) => volume.mountAt(`/targets/${volume.node.id}`))],
      healthCheck: { command: ["true"], interval: Duration.seconds(30) },
    });
  }
}
