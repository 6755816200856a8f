import { Construct } from "constructs";
import { assetText } from "../core/asset";
import { ConfigFile } from "../core/config-file";
import { Duration } from "../core/duration";
import { exempt } from "../core/exemption";
import type { DataVolume, DataVolumes } from "../docker/data-volumes";
import type { ContainerImage } from "../docker/image";
import { Service } from "../docker/service";

export interface DockerCertificateProps {
  readonly namespace: string;
  /** Image with PHP 8. */
  readonly image: ContainerImage;
  readonly volumes: DataVolumes;
  /** Name or address at which Docker listens with TLS. */
  readonly host: string;
  readonly port: number;
}

/** Name of the service, and of the file with its metric. */
export const DOCKER_CERTIFICATE = "docker-certificate";
const CONFIG_DIRECTORY = "/etc/docker-certificate";
const OUTPUT_DIRECTORY = "/textfile";
const USER = "65534:65534";

/** Writes when the certificate ends that Docker shows to others, from the network of the host: its firewall may let no container reach Docker. */
export class DockerCertificate extends Construct {
  public readonly service: Service;
  /** Holds the file with the metric. */
  public readonly textfiles: DataVolume;

  constructor(scope: Construct, id: string, { namespace, image, volumes, host, port }: DockerCertificateProps) {
    super(scope, id);
    exempt(this, "no-host-namespace", "Docker listens on the host network, and the firewall can block containers; this container does not listen");
    this.textfiles = volumes.volume(DOCKER_CERTIFICATE, { owner: USER });
    const command = (verb: string) => [
      "php",
      `${CONFIG_DIRECTORY}/${DOCKER_CERTIFICATE}.php`,
      verb,
      host,
      `${port}`,
      `${OUTPUT_DIRECTORY}/${DOCKER_CERTIFICATE}.prom`,
    ];
    this.service = new Service(this, "Service", {
      namespace,
      name: DOCKER_CERTIFICATE,
      description: { purpose: ["when Docker's own", "certificate ends"], zones: [] },
      image,
      user: USER,
      networks: "host",
      memoryMiB: 64,
      cpus: 0.25,
      entrypoint: command("run"),
      config: {
        directory: CONFIG_DIRECTORY,
        files: [ConfigFile.text(`${DOCKER_CERTIFICATE}.php`, () => assetText(`monitoring/assets/${DOCKER_CERTIFICATE}.php`))],
      },
      mounts: [this.textfiles.mountAt(OUTPUT_DIRECTORY)],
      healthCheck: { command: command("check"), interval: Duration.seconds(30) },
      stopGraceSeconds: 10,
    });
  }
}
