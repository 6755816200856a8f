import { Construct } from "constructs";
import type { IMetricsSource } from "../contracts/metrics-source";
import { requireAll } from "../core/errors";
import { exempt } from "../core/exemption";
import { compareText } from "../core/render";
import type { DataVolume } from "../docker/data-volumes";
import type { Limits } from "../docker/hardening";
import type { ContainerImage } from "../docker/image";
import { Service } from "../docker/service";

export interface NodeExporterProps {
  readonly namespace: string;
  readonly image: ContainerImage;
  /** The only address of the host on which it listens: that of the host on an internal network. */
  readonly address: string;
  /** Volumes with files of metrics (`*.prom`), by the name under which it sees them. */
  readonly textfiles: Readonly<Record<string, DataVolume>>;
  /** Where Docker keeps its files on the host: what is mounted below is no disk of the host. */
  readonly dockerRoot: string;
  /** Directory of the host with such files. @default - none */
  readonly hostTextfiles?: string;
  readonly limits: Limits;
}

const NAME = "node-exporter";
export const PORT = 9100;
/** Where it sees the host's root. */
const ROOT = "/host";
const TEXTFILES = "/textfile";
const COLLECTORS = [
  "conntrack",
  "cpu",
  "diskstats",
  "filefd",
  "filesystem",
  "loadavg",
  "meminfo",
  "netdev",
  "netstat",
  "os",
  "pressure",
  "sockstat",
  "stat",
  "textfile",
  "time",
  "timex",
  "uname",
  "vmstat",
];
/** What is in memory, or a view of something that is shown already. */
function hiddenMounts(dockerRoot: string): string {
  return `^/(dev|proc|run|sys|snap|${dockerRoot.slice(1).replaceAll(".", "\\.")}/.+|var/lib/containers/.+)($|/)`;
}

/**
 * Measures the host, without privileges on it: as user nobody, with the host's files read-only.
 *
 * It uses the host network, or it would measure its own, and listens on one internal address only.
 */
export class NodeExporter extends Construct implements IMetricsSource {
  public readonly service: Service;
  public readonly metricsAddress = `${NAME}:${PORT}`;
  /** Name → address for its scraper: on the host network it has no DNS name. */
  public readonly hosts: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: NodeExporterProps) {
    super(scope, id);
    const { namespace, image, address, textfiles, limits } = props;
    requireAll(this, [[!/^(0\.0\.0\.0|127\.)/.test(address), `address must be that of the host on an internal network, got ${address}`]]);
    exempt(this, "no-host-namespace", "measures the host network; listens on the host's address of the internal network only");
    exempt(this, "no-host-paths", "measures the host's disks, so that they must be mounted; runs as nobody, without capabilities, read-only");
    exempt(this, "no-docker-socket", "the socket is in the mounted root of the host; its mode permits only root and the group docker");
    this.service = new Service(this, "Service", {
      ...limits,
      namespace,
      name: NAME,
      description: { purpose: ["measures the host", `${PORT}`], zones: [], listens: [PORT] },
      image,
      user: "65534:65534",
      networks: "host",
      entrypoint: ["/bin/node_exporter"],
      command: options(props),
      mounts: [
        // with what is mounted on the host later
        { mount: { type: "bind", source: "/", target: ROOT, readOnly: true, bindOptions: { propagation: "rslave" } }, dependsOn: [] },
        ...named(textfiles).map(([name, volume]) => volume.mountReadOnlyAt(`${TEXTFILES}/${name}`)),
      ],
      healthCheck: { command: ["wget", "-q", "-O", "/dev/null", `http://${address}:${PORT}/`] },
    });
    this.hosts = { [NAME]: address };
  }
}

function options({ address, textfiles, hostTextfiles, dockerRoot }: NodeExporterProps): string[] {
  const directories = [...named(textfiles).map(([name]) => `${TEXTFILES}/${name}`), ...(hostTextfiles === undefined ? [] : [`${ROOT}${hostTextfiles}`])];
  return [
    `--web.listen-address=${address}:${PORT}`,
    `--path.procfs=${ROOT}/proc`,
    `--path.sysfs=${ROOT}/sys`,
    `--path.rootfs=${ROOT}`,
    "--collector.disable-defaults",
    ...COLLECTORS.map((collector) => `--collector.${collector}`),
    `--collector.filesystem.mount-points-exclude=${hiddenMounts(dockerRoot)}`,
    "--collector.netdev.device-exclude=^(lo|veth.*)$",
    ...directories.map((directory) => `--collector.textfile.directory=${directory}`),
  ];
}

function named<T>(entries: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(entries).sort(([a], [b]) => compareText(a, b));
}
