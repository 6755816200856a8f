import type { SecretFile } from "../contracts/secret-store";
import type { Duration } from "../core/duration";
import type { MailServer } from "../core/mail-server";
import { CONTAINER_DOWN, CONTAINER_MISSING, DATABASE_DOWN, METRICS_UNREADABLE, TARGET_DOWN, UNKNOWN, WATCHDOG } from "./alert";
import { seconds } from "./promql";

export const CONFIG_DIRECTORY = "/etc/alertmanager";
export const CONFIG_FILE = "alertmanager.yml";
export const MAIL_CA_FILE = "mail.pem";
export const DATA_DIRECTORY = "/alertmanager";
export const PORT = 9093;

/** The mail server, and the recipients. */
export interface MailTarget extends MailServer {
  readonly to: string;
  readonly password?: SecretFile;
}

/** Receivers, and how often they get messages. */
export interface Notifications {
  readonly mail?: MailTarget;
  /** File with the URL that is called with each message. */
  readonly webhook?: SecretFile;
  /** File with the URL that is called for as long as all is well. */
  readonly deadMan?: SecretFile;
  /** Time between two messages about alerts of one name. */
  readonly groupInterval: Duration;
  /** Time after which a firing alert is sent again. */
  readonly repeat: Duration;
}

/** Seconds in which alerts of one name are gathered before the first message. */
const GATHER_SECONDS = 30;
/** How often the dead man's switch is pressed. */
const PRESS = { group_interval: "1m", repeat_interval: "1m" };

/** `alertmanager.yml`. */
export function renderConfig(notifications: Notifications): object {
  const { groupInterval, repeat, deadMan } = notifications;
  return {
    route: {
      receiver: "people",
      group_by: ["alertname"],
      group_wait: `${Math.min(GATHER_SECONDS, Math.ceil(groupInterval.seconds))}s`,
      group_interval: seconds(groupInterval),
      repeat_interval: seconds(repeat),
      routes: [{ matchers: [`alertname="${WATCHDOG}"`], receiver: "dead-man", group_wait: "0s", ...PRESS }],
    },
    inhibit_rules: renderInhibition(),
    receivers: [
      { name: "people", ...renderPeople(notifications) },
      // it is never resolved: the external receiver notices its absence
      { name: "dead-man", ...(deadMan ? { webhook_configs: [{ url_file: deadMan.path, send_resolved: false }] } : {}) },
    ],
  };
}

/** A cause, and what follows from it. */
export interface Inhibition {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  /** Labels that have to be the same in both. */
  readonly equal: readonly string[];
}

/** Alerts that follow from another firing alert are inhibited. */
export function renderInhibition(): Inhibition[] {
  return [
    // what is known of a source that cannot be read is old
    { source_matchers: [`alertname="${TARGET_DOWN}"`], target_matchers: [`alertname!="${TARGET_DOWN}"`], equal: ["job"] },
    { source_matchers: [`alertname="${DATABASE_DOWN}"`], target_matchers: ['family=~"wiki|database"', `alertname!="${DATABASE_DOWN}"`], equal: [] },
    // services that depend on it wait, and do not answer in time
    { source_matchers: [`alertname="${DATABASE_DOWN}"`], target_matchers: [`alertname="${TARGET_DOWN}"`, 'job=~"bookstack|bookstack-db"'], equal: [] },
    { source_matchers: [`alertname="${CONTAINER_DOWN}"`], target_matchers: ['family="containers"', `alertname!="${CONTAINER_DOWN}"`], equal: ["container"] },
    // a stopped container has no metrics
    ...[CONTAINER_DOWN, CONTAINER_MISSING].map((cause) => ({
      source_matchers: [`alertname="${cause}"`],
      target_matchers: [`alertname="${TARGET_DOWN}"`],
      equal: ["container"],
    })),
    { source_matchers: [`alertname="${METRICS_UNREADABLE}"`], target_matchers: [`alertname=~".+${UNKNOWN}"`], equal: ["job"] },
    ...[CONTAINER_DOWN, "ContainerUnhealthy"].map((cause) => ({
      source_matchers: [`alertname="${cause}"`, 'container="bookstack-db"'],
      target_matchers: ['alertname=~"ContainerUnhealthy|WikiErrors|WikiSlow|WikiWithoutDatabase"', 'container!="bookstack-db"'],
      equal: [],
    })),
    { source_matchers: ['alertname="DiskFull"'], target_matchers: ['alertname="DiskFillsUp"'], equal: ["mountpoint"] },
    {
      source_matchers: ['alertname="ContainerOutOfMemory"'],
      target_matchers: ['alertname=~"ContainerNearMemoryLimit|ContainerRestarting"'],
      equal: ["container"],
    },
  ];
}

function renderPeople({ mail, webhook }: Notifications): object {
  return {
    ...(mail ? { email_configs: [renderMail(mail)] } : {}),
    ...(webhook ? { webhook_configs: [{ url_file: webhook.path, send_resolved: true }] } : {}),
  };
}

const SUBJECT = "[{{ .Status | toUpper }}] {{ .CommonLabels.environment }}: {{ .GroupLabels.alertname }}";

/** Plain text: what is wrong, what to do first, and where it is written. */
const BODY = `{{ range .Alerts }}{{ .Status | toUpper }}: {{ .Annotations.summary }}
{{ if eq .Status "firing" }}First: {{ .Annotations.first }}
Dashboard: {{ .Annotations.dashboard }}
More: {{ .Annotations.more }}
{{ end }}Since: {{ .StartsAt.Format "2006-01-02 15:04:05 MST" }}

{{ end }}`;

function renderMail({ to, from, host, port, user, password, tls = true, helo, ca }: MailTarget): object {
  return {
    to,
    from,
    smarthost: `${host}:${port}`,
    require_tls: tls,
    ...(helo === undefined ? {} : { hello: helo }),
    ...(ca === undefined ? {} : { tls_config: { ca_file: `${CONFIG_DIRECTORY}/${MAIL_CA_FILE}` } }),
    ...(user === undefined ? {} : { auth_username: user, auth_password_file: password?.path }),
    send_resolved: true,
    headers: { Subject: SUBJECT },
    html: "",
    text: BODY,
  };
}
