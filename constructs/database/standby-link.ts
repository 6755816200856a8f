import { Construct } from "constructs";
import type { SecretStore } from "../contracts/secret-store";
import { ConfigFile } from "../core/config-file";
import { Duration } from "../core/duration";
import { exempt } from "../core/exemption";
import type { ContainerImage } from "../docker/image";
import type { BridgeNetwork } from "../docker/networks";
import { Service } from "../docker/service";
import { SecretText } from "../secrets/secret";
import { USER } from "./database";

/** Where the services of the source are, seen from its host. */
export interface SourcePlace {
  /** Account and address of the host, over SSH. */
  readonly ssh: { readonly user: string; readonly host: string; readonly port: number };
  /** Line of `known_hosts` with the host's key: no other host is connected to. */
  readonly knownHosts: string;
  /** `address:port` of the database. */
  readonly database: string;
  /** `address:port` of the files. */
  readonly files: string;
}

export interface StandbyLinkProps {
  readonly namespace: string;
  /** An image with ssh, and a user of MySQL's number. */
  readonly image: ContainerImage;
  /** Network with a route out. */
  readonly out: BridgeNetwork;
  /** Internal network of those who follow the source, with the position of the link there. */
  readonly inside: { readonly network: BridgeNetwork; readonly position: number };
  readonly secrets: SecretStore;
  readonly source: SourcePlace;
}

const NAME = "standby-link";
const CONFIG_DIRECTORY = "/etc/standby-link";
/** Private key of the link, whose public part may forward to two addresses of the source and nothing else. */
export const LINK_KEY = SecretText.providedFile("standby_ssh_key");
export const DATABASE_PORT = 3306;
export const FILES_PORT = 8090;

/**
 * A tunnel from a standby to the host of the source. Nothing of it is published, on neither host: the source is reached by the SSH
 * server that its host has already.
 */
export class StandbyLink extends Construct {
  public readonly service: Service;
  /** Its address on the internal network. */
  public readonly address: string;

  constructor(scope: Construct, id: string, { namespace, image, out, inside, secrets, source }: StandbyLinkProps) {
    super(scope, id);
    exempt(this, "database-apart", "forwards to the database and the files of the source by SSH; it accepts connections from the network database only");
    const directory = secrets.directory(NAME, USER);
    directory.add(LINK_KEY);
    this.address = inside.network.subnet.address(inside.position);
    const { ssh } = source;
    this.service = new Service(this, "Service", {
      namespace,
      name: NAME,
      description: { purpose: ["tunnel to the source"], zones: ["proxy", "database"], listens: [DATABASE_PORT, FILES_PORT] },
      image,
      user: USER,
      memoryMiB: 64,
      cpus: 0.5,
      networks: [{ network: out }, inside],
      entrypoint: ["sh", `${CONFIG_DIRECTORY}/standby-link.sh`],
      environment: {
        LINK_DATABASE: source.database,
        LINK_DATABASE_PORT: DATABASE_PORT,
        LINK_FILES: source.files,
        LINK_FILES_PORT: FILES_PORT,
        LINK_HOST: ssh.host,
        LINK_PORT: ssh.port,
        LINK_USER: ssh.user,
      },
      config: {
        directory: CONFIG_DIRECTORY,
        files: [ConfigFile.asset("database/assets/standby-link.sh"), ConfigFile.text("known_hosts", () => source.knownHosts)],
      },
      tmpfs: { "/tmp": { sizeMiB: 4 } },
      mounts: [directory],
      // whether the source is there is a matter of the replication's own alert: the tunnel comes back when it does
      healthCheck: { command: ["true"], interval: Duration.seconds(30) },
    });
  }
}
