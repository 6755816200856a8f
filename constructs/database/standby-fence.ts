import { Construct } from "constructs";
import type { SecretStore } from "../contracts/secret-store";
import { ConfigFile } from "../core/config-file";
import { Duration } from "../core/duration";
import type { ContainerImage } from "../docker/image";
import type { BridgeNetwork } from "../docker/networks";
import { Service } from "../docker/service";
import { USER } from "./database";
import { SOURCE_SECRETS } from "./replication";

export interface StandbyFenceProps {
  readonly namespace: string;
  /** An image with a client of MySQL, and supercronic. */
  readonly image: ContainerImage;
  readonly network: BridgeNetwork;
  readonly secrets: SecretStore;
  /** Address of the link to the host that was active before. */
  readonly link: string;
}

const NAME = "standby-fence";
const DIRECTORY = `/etc/${NAME}`;

/** Refuses writes to the database of the host that was active before a failover, within seconds after it is back. */
export class StandbyFence extends Construct {
  public readonly service: Service;

  constructor(scope: Construct, id: string, { namespace, image, network, secrets, link }: StandbyFenceProps) {
    super(scope, id);
    const directory = secrets.directory(NAME, USER);
    for (const secret of SOURCE_SECRETS) directory.add(secret);
    this.service = new Service(this, "Service", {
      namespace,
      name: NAME,
      description: { purpose: ["refuses writes to", "the former source"], zones: ["database"] },
      image,
      user: USER,
      memoryMiB: 64,
      cpus: 0.2,
      networks: [{ network }],
      entrypoint: ["supercronic", "-quiet", "-passthrough-logs", `${DIRECTORY}/crontab`],
      environment: { LINK_ADDRESS: link },
      config: {
        directory: DIRECTORY,
        files: [ConfigFile.asset("database/assets/standby-fence.sh"), ConfigFile.text("crontab", () => `*/5 * * * * * * sh ${DIRECTORY}/standby-fence.sh\n`)],
      },
      tmpfs: { "/tmp": { sizeMiB: 1 } },
      mounts: [directory],
      // whether the other host is there is not known here
      healthCheck: { command: ["true"], interval: Duration.seconds(30) },
    });
  }
}
