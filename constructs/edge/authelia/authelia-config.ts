import { stringify } from "yaml";
import type { SecretFile } from "../../contracts/secret-store";
import type { Duration } from "../../core/duration";
import { beginsWithTls, type MailServer } from "../../core/mail-server";
import { compareText } from "../../core/render";
import type { RotatedLogs } from "../../docker/log-file";

/** Where Authelia finds its configuration. */
export const CONFIG_DIRECTORY = "/config";
export const DATA_DIRECTORY = "/data";
export const LOG_DIRECTORY = "/var/log/authelia";
export const LOG_FILE = "authelia.log";
export const AUTHELIA_LOGS: RotatedLogs = { service: "authelia", directory: LOG_DIRECTORY, files: [LOG_FILE], signal: "HUP" };
export const USERS_FILE = "users_database.yml";
/** Directory of certificates that are trusted beside those of the image, and the file for the mail server, below that of the configuration. */
const CERTIFICATES = "certificates";
export const MAIL_CA_FILE = `${CERTIFICATES}/mail.pem`;
/** Last message to a person, where no mail is sent. */
export const NOTIFICATION_FILE = "notification.txt";
/** Beginning of the name of the cookie in which browsers keep a session. */
export const SESSION_COOKIE = "authelia_session";
export const PORTAL_PORT = 9091;
export const METRICS_PORT = 9959;

/**
 * Name of the session cookie, another one with each start of Authelia.
 *
 * Authelia 4.39 keeps sessions in a map whose keys lie in the memory of requests: a cookie of before a restart becomes such a key, and
 * the session of another user is lost with it one or two minutes later.
 */
const COOKIE_NAME = `{{ printf "${SESSION_COOKIE}_%s" uuidv4 }}`;

/** A text that stays as it is: Authelia reads the file as a template. In backticks, which need no escape in any form of YAML. */
function templateText(text: string): string {
  return text.replaceAll("{{", "{{`{{`}}");
}

/** Session length, and lockout after wrong passwords. */
export interface SignOnRules {
  /** Time after which every user must sign in again. */
  readonly session: Duration;
  /** Time without a request after which a user must sign in again. */
  readonly inactivity: Duration;
  /** Wrong passwords within `banTime` after which an account is closed for as long. */
  readonly tries: number;
  readonly banTime: Duration;
}

/** What is required for a host name: always two factors. */
export interface Protection {
  /**
   * Groups of which one is enough.
   * @default - every signed-on person
   */
  readonly groups?: readonly string[];
  /**
   * Regular expressions of paths whose service asks for a token itself: they need no session.
   * @default - none
   */
  readonly open?: readonly string[];
  /**
   * Regular expressions of paths that need a session, though they are among the open ones.
   * @default - none
   */
  readonly closed?: readonly string[];
}

/** A client of the OpenID Connect provider. */
export interface RegisteredClient {
  readonly id: string;
  readonly name: string;
  readonly redirectUri: string;
  readonly groups: readonly string[];
  /** Hash of its secret. */
  readonly secretHash: SecretFile;
}

export interface Portal {
  /** Domain of the cookie: the portal and all that it guards are below it. */
  readonly domain: string;
  /** `https://…` of the portal. */
  readonly url: string;
  /** Where users are redirected who requested the portal itself. */
  readonly homeUrl: string;
  readonly rules: SignOnRules;
  readonly mail: MailServer | undefined;
  /** Key of the OpenID Connect provider; without one there is no provider. */
  readonly signingKey: SecretFile | undefined;
  /** Host name → what is asked. */
  readonly protected: ReadonlyMap<string, Protection>;
  readonly clients: readonly RegisteredClient[];
}

/** `configuration.yml`. Secrets are named by path: those of lists in templates, which Authelia fills in when it reads the file. */
export function renderConfiguration(portal: Portal): object {
  return {
    theme: "auto",
    ...(portal.mail?.ca === undefined ? {} : { certificates_directory: `${CONFIG_DIRECTORY}/${CERTIFICATES}` }),
    server: {
      address: `tcp://0.0.0.0:${PORTAL_PORT}/`,
      // it would write beside the program, on a root that is read-only
      disable_healthcheck: true,
      endpoints: {
        // the session only: a password in a header would be hashed at each request, and bypass the limit on logins
        authz: { "forward-auth": { implementation: "ForwardAuth", authn_strategies: [{ name: "CookieSession" }] } },
      },
    },
    log: { level: "info", format: "json", file_path: `${LOG_DIRECTORY}/${LOG_FILE}`, keep_stdout: true },
    telemetry: { metrics: { enabled: true, address: `tcp://0.0.0.0:${METRICS_PORT}/metrics` } },
    default_2fa_method: "totp",
    totp: { issuer: portal.domain, algorithm: "SHA1", digits: 6, period: 30, skew: 1 },
    webauthn: { disable: true },
    // a server without a way out could not ask, and would wait for it at each start
    ntp: { disable_startup_check: true },
    password_policy: { standard: { enabled: true, min_length: 12 } },
    authentication_backend: renderBackend(portal),
    access_control: { default_policy: "deny", rules: renderRules(portal.protected) },
    session: {
      name: COOKIE_NAME,
      same_site: "lax",
      expiration: seconds(portal.rules.session),
      inactivity: seconds(portal.rules.inactivity),
      remember_me: -1,
      cookies: [{ domain: portal.domain, authelia_url: portal.url, default_redirection_url: portal.homeUrl }],
    },
    regulation: {
      modes: ["user"],
      max_retries: portal.rules.tries,
      find_time: seconds(portal.rules.banTime),
      ban_time: seconds(portal.rules.banTime),
    },
    storage: { local: { path: `${DATA_DIRECTORY}/db.sqlite3` } },
    notifier: renderNotifier(portal.mail),
    ...(portal.signingKey === undefined ? {} : { identity_providers: { oidc: renderProvider(portal.signingKey, portal.clients) } }),
  };
}

/** YAML in which a text that is nothing but a template stays one: quotes would be part of what it becomes. */
export function renderTemplate(content: object): string {
  return stringify(content, { lineWidth: 0, singleQuote: false, aliasDuplicateObjects: false }).replace(/"(\{\{(?:[^"\\]|\\.)*\}\})"$/gm, (quoted) =>
    JSON.parse(quoted),
  );
}

function renderBackend({ mail }: Portal): object {
  return {
    // without mail, a link to a new password would lie where only the operator reads it
    password_reset: { disable: mail === undefined },
    password_change: { disable: false },
    file: {
      path: `${DATA_DIRECTORY}/${USERS_FILE}`,
      watch: false,
      password: {
        algorithm: "argon2",
        argon2: { variant: "argon2id", iterations: 3, memory: 65_536, parallelism: 4, key_length: 32, salt_length: 16 },
      },
    },
  };
}

function renderRules(hosts: ReadonlyMap<string, Protection>): object[] {
  const sorted = [...hosts].sort(([a], [b]) => compareText(a, b));
  return sorted.flatMap(([domain, { groups = [], open = [], closed = [] }]) => {
    const guarded = { policy: "two_factor", ...(groups.length > 0 ? { subject: subjects(groups) } : {}) };
    return [
      ...(closed.length > 0 ? [{ domain, resources: [...closed], ...guarded }] : []),
      ...(open.length > 0 ? [{ domain, resources: [...open], policy: "bypass" }] : []),
      { domain, ...guarded },
    ];
  });
}

function subjects(groups: readonly string[]): string[] {
  return [...groups].sort(compareText).map((group) => `group:${group}`);
}

function renderNotifier(mail: MailServer | undefined): object {
  if (mail === undefined) return { filesystem: { filename: `${DATA_DIRECTORY}/${NOTIFICATION_FILE}` } };
  const { tls = true } = mail;
  const scheme = beginsWithTls(mail) ? "submissions" : tls ? "submission" : "smtp";
  return {
    // a mail server that is away must not keep people out
    disable_startup_check: true,
    smtp: {
      address: `${scheme}://${mail.host}:${mail.port}`,
      sender: mail.from,
      ...(mail.helo === undefined ? {} : { identifier: mail.helo }),
      ...(mail.user === undefined ? {} : { username: templateText(mail.user) }),
      ...(tls ? {} : { disable_require_tls: true }),
    },
  };
}

/** What the ID token says, so that a client need not ask again. */
const CLAIMS = "identity";

function renderProvider(signingKey: SecretFile, clients: readonly RegisteredClient[]): object {
  const sorted = [...clients].sort((a, b) => compareText(a.id, b.id));
  const restricted = sorted.filter(({ groups }) => groups.length > 0);
  return {
    jwks: [{ key_id: "main", algorithm: "RS256", use: "sig", key: `{{ secret "${signingKey.path}" | mindent 10 "|" | msquote }}` }],
    lifespans: { access_token: "1h", authorize_code: "1m", id_token: "1h", refresh_token: "90m" },
    claims_policies: { [CLAIMS]: { id_token: ["email", "groups", "name", "preferred_username"] } },
    ...(restricted.length > 0 ? { authorization_policies: Object.fromEntries(restricted.map(policyOf)) } : {}),
    clients: sorted.map(renderClient),
  };
}

function policyOf({ id, groups }: RegisteredClient): [string, object] {
  return [`${id}_groups`, { default_policy: "deny", rules: [{ policy: "two_factor", subject: subjects(groups) }] }];
}

function renderClient({ id, name, redirectUri, groups, secretHash }: RegisteredClient): object {
  return {
    client_id: id,
    client_name: templateText(name),
    client_secret: `{{ secret "${secretHash.path}" | msquote }}`,
    public: false,
    authorization_policy: groups.length > 0 ? `${id}_groups` : "two_factor",
    claims_policy: CLAIMS,
    // our own applications need not be agreed to
    consent_mode: "implicit",
    require_pkce: true,
    pkce_challenge_method: "S256",
    redirect_uris: [redirectUri],
    scopes: ["openid", "profile", "email", "groups"],
    response_types: ["code"],
    grant_types: ["authorization_code"],
    access_token_signed_response_alg: "none",
    userinfo_signed_response_alg: "none",
    token_endpoint_auth_method: "client_secret_basic",
  };
}

/** In whole seconds: Authelia reads no zero hours or minutes. */
function seconds(duration: Duration): string {
  return `${Math.ceil(duration.seconds)}s`;
}
