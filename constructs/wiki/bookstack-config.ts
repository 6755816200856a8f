import type { SignOnAccess } from "../contracts/identity-provider";
import type { Sections } from "../core/render";
import type { DatabaseAccess } from "../database/database";
import type { RotatedLogs } from "../docker/log-file";
import type { Tmpfs } from "../docker/tmpfs";
import { type Outbound, PORTAL_CA_FILE, renderTrust } from "./bookstack-outbound";
import { OPEN_PATTERN } from "./open-paths";
import { bookstackUploadLimit, largestBody, requestLimits, uploadTime, type WikiSizes } from "./wiki-sizes";
import { PHP_WORKERS, WORKERS } from "./workers";

/** Where the application finds its configuration. */
export const CONFIG_DIRECTORY = "/etc/bookstack";
export const APPLICATION_DIRECTORY = "/var/www/bookstack";
export const LOG_DIRECTORY = "/var/log/bookstack";
export const ERROR_LOG = "error.log";
/** Where uploads arrive, and exports and imports are put together: on the disk, since they may be larger than the memory. */
export const SCRATCH_DIRECTORY = "/var/lib/bookstack-scratch";
export const BOOKSTACK_LOGS: RotatedLogs = { service: "bookstack", directory: LOG_DIRECTORY, files: [ERROR_LOG] };
export const WIKI_PORT = 3000;
export const METRICS_PORT = 8080;

export interface BookStackSettings {
  /** `https://…` under which people reach the wiki; links and cookies are made for it. */
  readonly url: string;
  /** CIDRs of the reverse proxy and the proxies in front of it; only they are trusted for a client's address. */
  readonly proxies: readonly string[];
  readonly sizes: WikiSizes;
  /** IANA name of the zone in which times are shown. */
  readonly timezone: string;
  /** Language of the interface where the browser asks for none that BookStack has. */
  readonly language: string;
  /**
   * Variables of BookStack by their own names; none that this construct sets itself, but for `APP_VIEWS_BOOKS`.
   * @default - BookStack's defaults
   */
  readonly options?: BookStackOptions;
}

/** Variable of BookStack → its value; a list is written with blanks between its items. */
export type BookStackOptions = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Name of the theme: code of ours that BookStack loads, no look. */
export const THEME = "secured";
/** Where BookStack finds the theme. */
export const THEME_DIRECTORY = `${APPLICATION_DIRECTORY}/themes/${THEME}`;

/** Variables of single sign-on, or of BookStack's own form without it. */
export function renderSignOn(access: SignOnAccess | undefined): Record<string, string | number> {
  if (access === undefined) return { AUTH_METHOD: "standard" };
  return {
    AUTH_METHOD: "oidc",
    // users have signed in at the portal: no other click is needed
    AUTH_AUTO_INITIATE: "true",
    OIDC_NAME: "the portal",
    OIDC_DISPLAY_NAME_CLAIMS: "name",
    OIDC_CLIENT_ID: access.clientId,
    // the name in the environment file: the portal's own ID of a user is lost with the portal's database
    OIDC_EXTERNAL_ID_CLAIM: "preferred_username",
    OIDC_ISSUER: access.issuer,
    OIDC_ISSUER_DISCOVER: "true",
    OIDC_ADDITIONAL_SCOPES: "groups",
    OIDC_USER_TO_GROUPS: "true",
    OIDC_GROUPS_CLAIM: "groups",
    OIDC_REMOVE_FROM_GROUPS: "true",
    OIDC_END_SESSION_ENDPOINT: access.signOutUrl,
    // for the theme: where the issuer is found, and who signed for it
    WIKI_PORTAL_RESOLVE: access.resolve,
    ...portalAuthority(access),
    WIKI_CLIENT_SECRET_FILE: access.clientSecret.path,
    WIKI_SESSION_SECONDS: Math.ceil(access.session.seconds),
    WIKI_INACTIVITY_SECONDS: Math.ceil(access.inactivity.seconds),
    ...sessionLifetime(access),
  };
}

function portalAuthority({ ca, caText }: SignOnAccess): Record<string, string> {
  if (caText !== undefined) return { WIKI_PORTAL_CA: `${CONFIG_DIRECTORY}/${PORTAL_CA_FILE}` };
  return ca === undefined ? {} : { WIKI_PORTAL_CA: ca.path };
}

/** BookStack's default session lifetime, in minutes without a request. */
const SESSION_LIFETIME = 120;

/** A form that the portal lets through must not fail at a session of BookStack's that ended earlier. */
function sessionLifetime({ session }: SignOnAccess): Record<string, number> {
  const minutes = Math.ceil(session.seconds / 60);
  return minutes > SESSION_LIFETIME ? { SESSION_LIFETIME: minutes } : {};
}

/** Variables of BookStack that are no secret. */
export function renderEnvironment(settings: BookStackSettings, database: DatabaseAccess): Record<string, string | number> {
  return {
    APP_VIEWS_BOOKS: "list",
    ...renderOptions(settings.options),
    APP_LANG: settings.language,
    APP_PROXIES: settings.proxies.join(","),
    APP_TIMEZONE: settings.timezone,
    APP_URL: settings.url,
    // or each new user costs a lookup at a foreign service, and tells it a hash of the address
    AVATAR_URL: "false",
    CACHE_DRIVER: "database",
    DB_DATABASE: database.database,
    DB_HOST: `${database.host}:${database.port}`,
    DB_USERNAME: database.user,
    FILE_UPLOAD_SIZE_LIMIT: bookstackUploadLimit(settings.sizes),
    LOG_CHANNEL: "stderr",
    LOG_FAILED_LOGIN_MESSAGE: "Failed login for %u",
    MYSQL_ATTR_SSL_CA: database.ca.path,
    // our settings after the image's own
    PHP_INI_SCAN_DIR: `:${CONFIG_DIRECTORY}/php`,
    QUEUE_CONNECTION: "sync",
    SESSION_DRIVER: "database",
    SESSION_SECURE_COOKIE: "true",
    STORAGE_TYPE: "local_secure",
  };
}

/** What `options` are as variables. */
function renderOptions(options: BookStackOptions = {}): Record<string, string> {
  const given = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  return Object.fromEntries(given.map(([name, value]) => [name, typeof value === "object" ? value.join(" ") : `${value}`]));
}

/** PHP settings, read after the image's own. */
export function renderPhpIni({ sizes }: BookStackSettings, outbound: Outbound = {}): Sections {
  const { page, expensive } = requestLimits(sizes);
  return {
    PHP: {
      ...renderTrust(outbound, CONFIG_DIRECTORY),
      auto_prepend_file: `${CONFIG_DIRECTORY}/prepend.php`,
      expose_php: "Off",
      display_errors: "Off",
      log_errors: "On",
      memory_limit: `${page.memory}`,
      max_execution_time: page.time.seconds,
      upload_max_filesize: sizes.uploadLimit.bytes,
      post_max_size: largestBody(sizes),
      sys_temp_dir: `${SCRATCH_DIRECTORY}/temporary`,
      upload_tmp_dir: `${SCRATCH_DIRECTORY}/uploads`,
      // read by our own programs before BookStack's
      "wiki.expensive_memory": expensive.memory.bytes,
      "wiki.expensive_time": expensive.time.seconds,
      "wiki.expensive_at_once": expensive.atOnce,
      "wiki.expensive_waiting": expensive.waiting,
      "wiki.expensive_wait": expensive.wait.seconds,
      "wiki.upload_time": uploadTime(sizes).seconds,
      allow_url_include: "Off",
      "session.use_strict_mode": 1,
      // a database or a name server that hangs must not hold every worker; the first wait of a request is its last (database-hangs.php)
      default_socket_timeout: 10,
      "mysqlnd.net_read_timeout": 12,
      // the code never changes while the container runs
      "opcache.validate_timestamps": 0,
      "opcache.memory_consumption": 96,
      "opcache.max_accelerated_files": 12_000,
      realpath_cache_size: "4096K",
      realpath_cache_ttl: 600,
    },
  };
}

/** What `httpd.conf` refers to. */
export function renderApacheVariables({ proxies, sizes }: BookStackSettings, signOn?: SignOnAccess): string {
  const values = {
    TRUSTED_PROXIES: `"${proxies.join(" ")}"`,
    UPLOAD_BYTES: largestBody(sizes),
    ERROR_LOG: `${LOG_DIRECTORY}/${ERROR_LOG}`,
    WORKERS,
    PHP_WORKERS,
    OPEN_PATHS: `"${OPEN_PATTERN}"`,
    ...(signOn === undefined ? {} : { PORTAL: "" }),
  };
  return Object.entries(values)
    .map(([name, value]) => `Define ${name} ${value}`.trimEnd())
    .join("\n")
    .concat("\n");
}

/** Writable directories in memory, which count into that of the container. Leaves only: a mount on a parent would hide what the image has beside them. */
export function wikiTmpfs(uid: number): Record<string, Tmpfs> {
  const own = (sizeMiB: number): Tmpfs => ({ sizeMiB, owner: uid, mode: "0750" });
  const storage = `${APPLICATION_DIRECTORY}/storage`;
  return {
    "/tmp": { sizeMiB: 16 },
    "/var/tmp": { sizeMiB: 16 },
    "/run/apache2": own(1),
    "/run/lock": own(1),
    [`${APPLICATION_DIRECTORY}/bootstrap/cache`]: own(4),
    [`${storage}/fonts`]: own(16),
    [`${storage}/framework/cache`]: own(64),
    [`${storage}/framework/sessions`]: own(16),
    [`${storage}/framework/views`]: own(32),
    [`${storage}/logs`]: own(16),
  };
}
