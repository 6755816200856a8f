import { Construct } from "constructs";
import type { IMetricsSource } from "../contracts/metrics-source";
import type { ByteSize } from "../core/byte-size";
import { ConfigFile } from "../core/config-file";
import { requireAll } from "../core/errors";
import { compareText } from "../core/render";
import type { DataVolumes } from "../docker/data-volumes";
import type { Limits } from "../docker/hardening";
import type { ContainerImage } from "../docker/image";
import type { BridgeNetwork } from "../docker/networks";
import { Service } from "../docker/service";
import { type AlertSettings, alertsOf, renderAlerts } from "./alert";
import { ALERTS_FILE, CONFIG_DIRECTORY, DATA_DIRECTORY, PORT, RECORDINGS_FILE, renderConfig, renderRecordings } from "./prometheus-config";

export interface PrometheusProps {
  readonly namespace: string;
  readonly image: ContainerImage;
  /** Network over which sources are read. */
  readonly network: BridgeNetwork;
  /** Position of its address within the network, for those who do not ask Docker's DNS. */
  readonly position: number;
  /** Names that it has to find without asking DNS → address. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly volumes: DataVolumes;
  /** Days that samples are kept, 1 or more. */
  readonly retentionDays: number;
  /** Room that samples may take; the oldest go first. */
  readonly retentionSize: ByteSize;
  readonly alerts: AlertSettings;
  readonly limits: Limits;
}

const NAME = "prometheus";
const USER = "65534:65534";
const LEAST_INTERVAL_SECONDS = 1;

/** Scrapes the sources that were passed to `scrape`, stores metrics, and evaluates alerts. It has no internet access and no published port. */
export class Prometheus extends Construct implements IMetricsSource {
  public readonly service: Service;
  public readonly metricsAddress: string;
  /** `http://address:port`, the same as long as the network is. */
  public readonly url: string;
  private readonly sources = new Map<string, IMetricsSource>();
  private readonly alerts: AlertSettings;
  private alertmanager: string | undefined;

  constructor(scope: Construct, id: string, props: PrometheusProps) {
    super(scope, id);
    const { namespace, image, network, position, volumes, retentionDays, alerts, limits } = props;
    requireAll(this, [
      [retentionDays >= 1, `retentionDays must be 1 or more, got ${retentionDays}`],
      [alerts.interval.seconds >= LEAST_INTERVAL_SECONDS, `alerts.interval must be ${LEAST_INTERVAL_SECONDS} s or more, got ${alerts.interval}`],
      [
        alerts.window.seconds >= 2 * alerts.interval.seconds,
        `alerts.window must hold two reads at least, got ${alerts.window} and one every ${alerts.interval}`,
      ],
    ]);
    this.alerts = alerts;
    this.service = new Service(this, "Service", {
      ...limits,
      namespace,
      name: NAME,
      description: { purpose: ["stores metrics,", "evaluates alerts"], listens: [PORT], connects: [{ to: "alertmanager", label: "9093" }] },
      image,
      user: USER,
      networks: [{ network, position }],
      hosts: props.hosts,
      entrypoint: ["/bin/prometheus"],
      command: options(props),
      config: {
        directory: CONFIG_DIRECTORY,
        files: [
          ConfigFile.yaml("prometheus.yml", () => this.render(props)),
          ConfigFile.yaml(ALERTS_FILE, () => renderAlerts(alerts)),
          ConfigFile.yaml(RECORDINGS_FILE, () => renderRecordings(alerts)),
        ],
      },
      mounts: [volumes.volume(NAME, { owner: USER }).mountAt(DATA_DIRECTORY)],
      healthCheck: { command: ["promtool", "check", "healthy", `--url=http://127.0.0.1:${PORT}`] },
      stopGraceSeconds: 60,
    });
    this.metricsAddress = `${NAME}:${PORT}`;
    this.url = `http://${network.subnet.address(position)}:${PORT}`;
    this.node.addValidation({ validate: () => (this.sources.size > 0 ? [] : ["reads no source; call scrape() at least once"]) });
  }

  /** Reads `source` under the job name `job`. */
  public scrape(job: string, source: IMetricsSource): void {
    requireAll(this, [
      [!this.sources.has(job), `job "${job}" is taken; give the second source another name`],
      [/^[a-z0-9.-]+:\d+$/.test(source.metricsAddress), `job "${job}" must be read at host:port, got "${source.metricsAddress}"`],
    ]);
    this.sources.set(job, source);
  }

  /** Jobs that it reads, and names of the alerts that it raises. */
  public watched(): { readonly jobs: readonly string[]; readonly alerts: readonly string[] } {
    return { jobs: [...this.sources.keys()].sort(compareText), alerts: alertsOf(this.alerts).map(({ name }) => name) };
  }

  /** Tells `receiver` what is wrong. */
  public notify(receiver: IMetricsSource): void {
    requireAll(this, [[this.alertmanager === undefined, "an Alertmanager is already configured"]]);
    this.alertmanager = receiver.metricsAddress;
  }

  private render({ alerts: { interval }, namespace }: PrometheusProps): object {
    return renderConfig({ sources: this.sources, alertmanager: this.alertmanager, interval, environment: namespace });
  }
}

function options({ retentionDays, retentionSize }: PrometheusProps): string[] {
  return [
    `--config.file=${CONFIG_DIRECTORY}/prometheus.yml`,
    `--storage.tsdb.path=${DATA_DIRECTORY}`,
    `--storage.tsdb.retention.time=${retentionDays}d`,
    `--storage.tsdb.retention.size=${retentionSize.bytes}B`,
  ];
}
