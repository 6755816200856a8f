import type { SecretDirectory } from "../contracts/secret-store";
import { ConfigFile } from "../core/config-file";
import type { Endpoint } from "../core/endpoint";
import type { MailAccount } from "../secrets/mail-account";

/** What the wiki sends to servers outside. */
export interface Outbound {
  /** @default - no mail is sent, and no server is tried */
  readonly mail?: WikiMail;
  /** Servers that webhooks may call, over HTTPS alone. @default - none */
  readonly webhooks?: readonly Endpoint[];
  /** Certificates, in PEM, of authorities that sign for them, besides those of the image. @default - none */
  readonly webhookCa?: string;
  /** Name of each of these servers → address where the wiki reaches it, in place of DNS. @default - none is reached */
  readonly hosts?: Readonly<Record<string, string>>;
}

/** The mail server of the wiki, and the name of the sender. */
export interface WikiMail extends MailAccount {
  /** @default BookStack */
  readonly fromName?: string;
}

const HTTPS_PORT = 443;
const MAIL_CA_FILE = "certificates/mail.pem";
export const PORTAL_CA_FILE = "certificates/portal.pem";
const WEBHOOK_CA_FILE = "certificates/webhooks.pem";

/** Variables that name the servers outside. Without any the wiki tries none, not even those that BookStack has as its default. */
export function renderOutbound({ mail, webhooks = [] }: Outbound, secrets?: SecretDirectory): Record<string, string | number> {
  return {
    // compared with the start of a URL, which "none" never is; without the variable every server is allowed
    ALLOWED_SSR_HOSTS: webhooks.map(({ host, port }) => (port === HTTPS_PORT ? `https://${host}` : `https://${host}:${port}`)).join(" ") || "none",
    ...(mail === undefined ? { MAIL_DRIVER: "none" } : renderMail(mail, secrets)),
  };
}

function renderMail({ host, port, user, password, from, fromName, tls = true, helo }: WikiMail, secrets?: SecretDirectory): Record<string, string | number> {
  return {
    MAIL_DRIVER: "smtp",
    MAIL_HOST: host,
    MAIL_PORT: port,
    MAIL_FROM: from,
    MAIL_FROM_NAME: fromName ?? "BookStack",
    ...(user === undefined ? {} : { MAIL_USERNAME: user }),
    ...(tls ? { MAIL_ENCRYPTION: "tls" } : {}),
    MAIL_VERIFY_SSL: "true",
    // for the theme: BookStack has no variables for them
    WIKI_MAIL_TLS: tls ? "required" : "off",
    ...(helo === undefined ? {} : { WIKI_MAIL_HELO: helo }),
    ...(password === undefined || secrets === undefined ? {} : { WIKI_SMTP_PASSWORD_FILE: secrets.add(password).path }),
  };
}

/** PHP settings: streams connect to the mail server only, curl to webhooks and the portal; for the portal the theme sets another CA file. */
export function renderTrust({ mail, webhookCa }: Outbound, directory: string): Record<string, string> {
  return {
    ...(mail?.ca === undefined ? {} : { "openssl.cafile": `${directory}/${MAIL_CA_FILE}` }),
    ...(webhookCa === undefined ? {} : { "curl.cainfo": `${directory}/${WEBHOOK_CA_FILE}` }),
  };
}

/** Files with authorities, that of the portal among them where it is in no store of secrets. */
export function certificateFiles({ mail, webhookCa }: Outbound, portalCa?: string): ConfigFile[] {
  const files = { [MAIL_CA_FILE]: mail?.ca, [PORTAL_CA_FILE]: portalCa, [WEBHOOK_CA_FILE]: webhookCa };
  return Object.entries(files).flatMap(([path, text]) => (text === undefined ? [] : [ConfigFile.text(path, () => text)]));
}
