import { posix } from "node:path";
import { Construct } from "constructs";
import type { BackedUp, IBackedUp } from "../../contracts/backed-up";
import type { IDecisionSource } from "../../contracts/decision-source";
import type { SecretDirectory, SecretFile, SecretStore } from "../../contracts/secret-store";
import { assetText } from "../../core/asset";
import { ConfigFile } from "../../core/config-file";
import { Duration } from "../../core/duration";
import { type Rule, requireAll } from "../../core/errors";
import { exempt } from "../../core/exemption";
import { compareText } from "../../core/render";
import type { Attachment } from "../../docker/attachment";
import type { DataVolumes } from "../../docker/data-volumes";
import type { ContainerDescription } from "../../docker/description";
import type { Limits } from "../../docker/hardening";
import type { ContainerImage } from "../../docker/image";
import type { LogFile } from "../../docker/log-file";
import type { Mounted } from "../../docker/mount";
import { type HealthCheck, Service } from "../../docker/service";
import { SecretText } from "../../secrets/secret";
import { RATE_LIMITS, type RateLimit } from "../traefik/rate-limit";
import {
  APPSEC_PORT,
  type BanLength,
  LAPI_PORT,
  METRICS_PORT,
  renderAcquisition,
  renderAppsec,
  renderConfig,
  renderFlood,
  renderProfiles,
  renderTrusted,
} from "./crowdsec-config";

/** What CrowdSec can read a log as. */
export type LogType = "traefik" | "authelia" | "mysql" | "bookstack";

/** A log of the Docker host itself. */
export interface HostLog {
  /** Absolute path of a file in the form of syslog, such as `/var/log/auth.log`. */
  readonly path: string;
  /** Group that may read it: `adm` on Debian and Ubuntu. @default 4 */
  readonly group?: number;
}

export interface CrowdSecProps {
  readonly namespace: string;
  /** CrowdSec with its collections in it: nothing is fetched at start. */
  readonly image: ContainerImage;
  /** Networks of those who ask for decisions; a routable one for the community's blocklist. */
  readonly networks: readonly Attachment[];
  readonly volumes: DataVolumes;
  readonly secrets: SecretStore;
  /** Logs that are read. */
  readonly logs: Readonly<Partial<Record<LogType, LogFile>>>;
  /** The host's log of sign-ins. @default - it is left alone */
  readonly hostLog?: HostLog;
  /** Networks in CIDR form that are never banned. @default - the subnets of `networks` */
  readonly trusted?: readonly string[];
  /**
   * Rate limit of the edge for each address: only who goes on asking over it is banned for asking often.
   * @default - 100 requests a minute and 50 at once
   */
  readonly rateLimit?: RateLimit;
  /** @default 5 minutes, doubled up to an hour */
  readonly ban?: BanLength;
  /** Whether requests are looked at before they are let through (virtual patches for known holes). @default false */
  readonly appsec?: boolean;
  /** Key of a CrowdSec account, for the community's blocklist. @default - no connection to the community API */
  readonly enrollKey?: SecretText;
  readonly limits: Limits;
}

const NAME = "crowdsec";
const USER = "0:0";
const CONFIG_DIRECTORY = "/config";
const LOGS_DIRECTORY = "/logs";
const DATA_DIRECTORY = "/var/lib/crowdsec/data";
const ADM = 4;
const BAN: BanLength = { first: Duration.seconds(300), longest: Duration.seconds(3600) };
const ASSETS = [
  "parsers/s01-parse/bookstack-logs.yaml",
  ...["bookstack-api", "edge-bans", "edge-rate-limit", "edge-sign-on", "edge-signed-in"].map((name) => `parsers/s02-enrich/${name}.yaml`),
  "postoverflows/s01-whitelist/edge-crawl.yaml",
  ...["bookstack", "edge"].map((name) => `scenarios/${name}.yaml`),
];

const DESCRIPTION: ContainerDescription = {
  purpose: ["reads the logs of the", "others, finds attacks"],
  zones: ["proxy", "backend"],
  listens: [LAPI_PORT, METRICS_PORT],
};
/** In /etc/crowdsec are the image's configuration and ours, written at each start. */
const TMPFS = { "/etc/crowdsec": { sizeMiB: 64, mode: "0700" }, "/run": { sizeMiB: 4, mode: "0755" }, "/tmp": { sizeMiB: 32 } };
const HEALTH_CHECK: HealthCheck = {
  command: ["cscli", "lapi", "status"],
  interval: Duration.seconds(15),
  timeout: Duration.seconds(15),
  startPeriod: Duration.seconds(60),
};

/**
 * Reads logs, detects attacks, and decides bans; the reverse proxy polls it and blocks.
 *
 * It sees logs as files and can write none of them. It bans by address, never a network that it trusts, and needs no internet.
 */
export class CrowdSec extends Construct implements IDecisionSource, IBackedUp {
  public readonly service: Service;
  public readonly lapiHost: string;
  public readonly appsecHost: string | undefined;
  /** `host:port` of metrics on the internal networks. */
  public readonly metricsAddress: string;
  /** Bans, alerts and bouncers. It changes all the time, and the wiki works without it. */
  public readonly backedUp: BackedUp;
  private readonly key = SecretText.password("bouncer_key_traefik");
  private readonly directory: SecretDirectory;

  constructor(scope: Construct, id: string, props: CrowdSecProps) {
    super(scope, id);
    const { namespace, image, networks, volumes, secrets, logs, hostLog, appsec = false, enrollKey, limits } = props;
    const ban = props.ban ?? BAN;
    requireAll(this, rules(props, ban));
    exempt(this, "non-root", "only root can read the image's configuration; root has no capability here, and owns no files of other services");
    if (hostLog) exempt(this, "no-host-paths", "reads the host's login log; mounts the directory, because the file is replaced when it is rotated");
    this.directory = secrets.directory(NAME, USER);
    for (const secret of [this.key, ...(enrollKey ? [enrollKey] : [])]) this.directory.add(secret);
    const files = Object.values(logs);
    const data = volumes.volume("crowdsec", { owner: USER });
    this.backedUp = { volumes: [{ volume: data, kind: "moving" }], secrets: [] };
    this.service = new Service(this, "Service", {
      ...limits,
      namespace,
      name: NAME,
      description: appsec ? { ...DESCRIPTION, listens: [LAPI_PORT, METRICS_PORT, APPSEC_PORT] } : DESCRIPTION,
      image,
      user: USER,
      groups: [...files.flatMap(({ group }) => group ?? []), ...(hostLog ? [hostLog.group ?? ADM] : [])],
      networks,
      entrypoint: ["sh", `${CONFIG_DIRECTORY}/start.sh`],
      environment: { NO_HUB_UPGRADE: "true" },
      config: { directory: CONFIG_DIRECTORY, files: configFiles(props, ban) },
      tmpfs: TMPFS,
      mounts: [this.directory, data.mountAt(DATA_DIRECTORY), ...logMounts(props)],
      healthCheck: HEALTH_CHECK,
    });
    this.lapiHost = `${NAME}:${LAPI_PORT}`;
    this.metricsAddress = `${NAME}:${METRICS_PORT}`;
    this.appsecHost = appsec ? `${NAME}:${APPSEC_PORT}` : undefined;
  }

  public bouncerKey(directory: SecretDirectory): SecretFile {
    return directory.add(this.key);
  }

  /** Registers a bouncer, and adds its key to `directory`. */
  public registerBouncer(name: string, directory: SecretDirectory): SecretFile {
    const key = SecretText.password(`bouncer_key_${name}`);
    this.directory.add(key);
    return directory.add(key);
  }
}

function rules({ logs, networks, enrollKey }: CrowdSecProps, ban: BanLength): Rule[] {
  return [
    [Object.keys(logs).length > 0, "logs must name at least one; CrowdSec does not start without"],
    [ban.first.seconds >= 1 && ban.longest.seconds >= ban.first.seconds, `ban.longest must not be less than ban.first, got ${ban.longest} and ${ban.first}`],
    [enrollKey === undefined || networks.some(({ network }) => network.routable), "networks must name a routable one; an enrolled CrowdSec asks the internet"],
  ];
}

/** Logs of services, in the order of their types, and of the host. */
function logMounts({ logs, hostLog }: CrowdSecProps): Mounted[] {
  const services = Object.entries(logs).sort(([a], [b]) => compareText(a, b));
  const mounts = services.map(([type, { volume }]) => volume.mountReadOnlyAt(`${LOGS_DIRECTORY}/${type}`));
  return [...mounts, ...(hostLog ? [hostMount(hostLog)] : [])];
}

function configFiles(props: CrowdSecProps, ban: BanLength): ConfigFile[] {
  const { logs, hostLog, networks, appsec, enrollKey, rateLimit = RATE_LIMITS.client } = props;
  const { trusted = networks.map(({ network }) => `${network.subnet}`) } = props;
  const asset = (path: string) => ConfigFile.text(`etc/${path}`, () => assetText(`edge/crowdsec/assets/${path}`));
  return [
    ConfigFile.text("start.sh", () => assetText("edge/crowdsec/assets/start.sh")),
    ...(enrollKey ? [ConfigFile.text("enroll.sh", () => assetText("edge/crowdsec/assets/enroll.sh"))] : []),
    ConfigFile.text("trusted", () => trusted.map((network) => `${network}\n`).join("")),
    ConfigFile.yaml("etc/config.yaml.local", renderConfig),
    ConfigFile.text("etc/profiles.yaml", () => renderProfiles(ban)),
    ...Object.entries(logs)
      .sort(([a], [b]) => compareText(a, b))
      .map(([type, { file }]) => ConfigFile.yaml(`etc/acquis.d/${type}.yaml`, () => renderAcquisition(`${LOGS_DIRECTORY}/${type}/${file}`, type))),
    ...(hostLog
      ? [ConfigFile.yaml("etc/acquis.d/host.yaml", () => renderAcquisition(`${LOGS_DIRECTORY}/host/${posix.basename(hostLog.path)}`, "syslog"))]
      : []),
    ...(appsec ? [ConfigFile.yaml("etc/acquis.d/appsec.yaml", renderAppsec)] : []),
    ...(trusted.length > 0 ? [ConfigFile.yaml("etc/parsers/s02-enrich/trusted.yaml", () => renderTrusted(trusted))] : []),
    ...ASSETS.map(asset),
    ConfigFile.yaml("etc/scenarios/edge-flood.yaml", () => renderFlood(rateLimit)),
  ];
}

function hostMount({ path }: HostLog): Mounted {
  return { mount: { type: "bind", source: posix.dirname(path), target: `${LOGS_DIRECTORY}/host`, readOnly: true }, dependsOn: [] };
}
