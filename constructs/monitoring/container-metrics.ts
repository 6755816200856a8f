import { Construct } from "constructs";
import { assetText } from "../core/asset";
import { ConfigFile } from "../core/config-file";
import type { Duration } from "../core/duration";
import { exempt } from "../core/exemption";
import type { DataVolume, DataVolumes } from "../docker/data-volumes";
import type { Limits } from "../docker/hardening";
import type { ContainerImage } from "../docker/image";
import { LABEL } from "../docker/labels";
import type { Mounted } from "../docker/mount";
import { Service } from "../docker/service";

export interface ContainerMetricsProps {
  readonly namespace: string;
  /** Image with PHP 8. */
  readonly image: ContainerImage;
  readonly volumes: DataVolumes;
  /** Where Docker keeps its files on the host: `/var/lib/docker` by default. */
  readonly dockerRoot: string;
  /** Time between two looks. */
  readonly interval: Duration;
  readonly limits: Limits;
}

const NAME = "container-metrics";
const USER = "0:0";
const CONFIG_DIRECTORY = "/etc/container-metrics";
const OUTPUT_DIRECTORY = "/textfile";

/**
 * Measures the containers of one environment, and writes what it sees to a file that node-exporter reads.
 *
 * It reads kernel counters and Docker's files: it has neither the Docker socket nor a network, so
 * that what it sees goes nowhere but into that file.
 */
export class ContainerMetrics extends Construct {
  public readonly service: Service;
  /** Holds the file with metrics. */
  public readonly textfiles: DataVolume;

  constructor(scope: Construct, id: string, props: ContainerMetricsProps) {
    super(scope, id);
    const { namespace, image, volumes, dockerRoot, interval, limits } = props;
    exempt(this, "non-root", "only root can read Docker's files; root has no capability and no network here, and can write one small volume");
    exempt(this, "no-host-paths", "reads kernel counters and Docker's files of each container, read-only, instead of the Docker socket");
    this.textfiles = volumes.volume(NAME, { owner: USER });
    this.service = new Service(this, "Service", {
      ...limits,
      namespace,
      name: NAME,
      description: { purpose: ["measures containers"], zones: [] },
      image,
      user: USER,
      networks: "none",
      entrypoint: ["php", `${CONFIG_DIRECTORY}/containers.php`],
      command: ["run"],
      environment: { CONTAINERS_LABEL: `${LABEL.namespace}=${namespace}`, CONTAINERS_SECONDS: Math.ceil(interval.seconds) },
      config: { directory: CONFIG_DIRECTORY, files: [ConfigFile.text("containers.php", () => assetText("monitoring/assets/containers.php"))] },
      mounts: [
        this.textfiles.mountAt(OUTPUT_DIRECTORY),
        hostDirectory(`${dockerRoot}/containers`, "/host/containers"),
        hostDirectory("/sys/fs/cgroup", "/host/cgroup"),
        hostDirectory("/proc", "/host/proc"),
      ],
      healthCheck: { command: ["php", `${CONFIG_DIRECTORY}/containers.php`, "check"], interval },
    });
  }
}

function hostDirectory(source: string, target: string): Mounted {
  return { mount: { type: "bind", source, target, readOnly: true }, dependsOn: [] };
}
