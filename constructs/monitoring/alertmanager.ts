import { Construct } from "constructs";
import type { IMetricsSource } from "../contracts/metrics-source";
import type { SecretStore } from "../contracts/secret-store";
import { ConfigFile } from "../core/config-file";
import { requireAll } from "../core/errors";
import type { Attachment } from "../docker/attachment";
import type { DataVolumes } from "../docker/data-volumes";
import type { Limits } from "../docker/hardening";
import type { ContainerImage } from "../docker/image";
import type { BridgeNetwork } from "../docker/networks";
import { Service } from "../docker/service";
import type { MailAccount } from "../secrets/mail-account";
import type { StoredFile } from "../secrets/secret";
import { CONFIG_DIRECTORY, CONFIG_FILE, DATA_DIRECTORY, MAIL_CA_FILE, type Notifications, PORT, renderConfig } from "./alertmanager-config";

export interface AlertmanagerProps extends Pick<Notifications, "groupInterval" | "repeat"> {
  readonly namespace: string;
  readonly image: ContainerImage;
  /** Where Prometheus is. */
  readonly network: BridgeNetwork;
  /** Position of its address within `network`. */
  readonly position: number;
  /** Network with internet access; it is joined only with external receivers. */
  readonly out: BridgeNetwork;
  readonly volumes: DataVolumes;
  readonly secrets: SecretStore;
  /** @default - no mail is sent */
  readonly mail?: MailAccount & { readonly to: string };
  /** URL that is called with each message. @default - none is */
  readonly webhook?: StoredFile;
  /** URL that is called every minute, for as long as all is well. @default - none is */
  readonly deadMan?: StoredFile;
  readonly limits: Limits;
}

const NAME = "alertmanager";
const USER = "65534:65534";

/** Tells people what Prometheus found, by mail and by webhook: once for what belongs together, again while it lasts, and when it is over. */
export class Alertmanager extends Construct implements IMetricsSource {
  public readonly service: Service;
  public readonly metricsAddress: string;
  /** `http://address:port`, the same as long as the network is. */
  public readonly url: string;

  constructor(scope: Construct, id: string, props: AlertmanagerProps) {
    super(scope, id);
    const { namespace, image, network, position, out, volumes, limits } = props;
    requireAll(this, [
      [out.routable, `out must be a network with a route out, got ${out.name}`],
      [(props.mail?.user === undefined) === (props.mail?.password === undefined), "mail.password is needed with mail.user, and only then"],
    ]);
    const directory = props.secrets.directory(NAME, USER);
    const file = (stored: StoredFile | undefined) => stored && directory.add(stored);
    const notifications: Notifications = {
      ...props,
      mail: props.mail && { ...props.mail, password: file(props.mail.password) },
      webhook: file(props.webhook),
      deadMan: file(props.deadMan),
    };
    const tells = [props.mail, props.webhook, props.deadMan].some((target) => target !== undefined);
    const networks: Attachment[] = [...(tells ? [{ network: out }] : []), { network, position }];
    this.service = new Service(this, "Service", {
      ...limits,
      namespace,
      name: NAME,
      description: { purpose: ["sends alerts"], zones: ["proxy", "backend"], listens: [PORT] },
      image,
      user: USER,
      networks,
      entrypoint: ["/bin/alertmanager"],
      // one instance: it looks for no others
      command: [`--config.file=${CONFIG_DIRECTORY}/${CONFIG_FILE}`, `--storage.path=${DATA_DIRECTORY}`, "--cluster.listen-address="],
      config: { directory: CONFIG_DIRECTORY, files: [ConfigFile.yaml(CONFIG_FILE, () => renderConfig(notifications)), ...certificates(props.mail)] },
      mounts: [directory, volumes.volume(NAME, { owner: USER }).mountAt(DATA_DIRECTORY)],
      healthCheck: { command: ["wget", "-q", "-O", "/dev/null", `http://127.0.0.1:${PORT}/-/healthy`] },
    });
    this.metricsAddress = `${NAME}:${PORT}`;
    this.url = `http://${network.subnet.address(position)}:${PORT}`;
  }
}

function certificates(mail: MailAccount | undefined): ConfigFile[] {
  const { ca } = mail ?? {};
  return ca === undefined ? [] : [ConfigFile.text(MAIL_CA_FILE, () => ca)];
}
