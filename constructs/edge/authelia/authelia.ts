import { Construct } from "constructs";
import type { BackedUp, IBackedUp } from "../../contracts/backed-up";
import type { IForwardAuth } from "../../contracts/forward-auth";
import type { IIdentityProvider, SignOnAccess, SignOnClient } from "../../contracts/identity-provider";
import type { IRoutable } from "../../contracts/routable";
import type { SecretDirectory, SecretFile, SecretStore } from "../../contracts/secret-store";
import { ConfigFile } from "../../core/config-file";
import { Duration } from "../../core/duration";
import { ConfigurationError, type Rule, requireAll } from "../../core/errors";
import { isHostName } from "../../core/hostnames";
import type { Attachment } from "../../docker/attachment";
import type { DataVolumes } from "../../docker/data-volumes";
import type { ContainerDescription } from "../../docker/description";
import { goMemory } from "../../docker/go-memory";
import type { Limits } from "../../docker/hardening";
import type { ContainerImage } from "../../docker/image";
import type { LogFile } from "../../docker/log-file";
import { Service } from "../../docker/service";
import type { MailAccount } from "../../secrets/mail-account";
import { SecretHash, SecretText, type StoredFile } from "../../secrets/secret";
import type { RouteOptions } from "../traefik/traefik";
import {
  CONFIG_DIRECTORY,
  DATA_DIRECTORY,
  LOG_DIRECTORY,
  LOG_FILE,
  MAIL_CA_FILE,
  METRICS_PORT,
  PORTAL_PORT,
  type Protection,
  type RegisteredClient,
  renderConfiguration,
  renderTemplate,
  SESSION_COOKIE,
  type SignOnRules,
} from "./authelia-config";
import { authorityFor, type IssuerEndpoint } from "./issuer-endpoint";
import { COSTLY, GARBAGE_SHARE, INTERNAL, passwordQueue, TIMES } from "./portal-paths";
import { type Person, peopleRules, usersFile, usersJob } from "./users";

export interface AutheliaProps {
  readonly namespace: string;
  readonly image: ContainerImage;
  /** Image with PHP, for the job that keeps the file of users. */
  readonly phpImage: ContainerImage;
  /** Networks of the edge; one with a route out when mail is sent. */
  readonly networks: readonly Attachment[];
  /** Domain below which the portal and everything that it guards are. */
  readonly domain: string;
  /** `https://…` of the portal. */
  readonly url: string;
  /** Where users are redirected who requested the portal itself. */
  readonly homeUrl: string;
  /**
   * How applications reach the portal to ask who a user is (OpenID Connect).
   * @default - they do not: the portal signs users in for the edge alone (forward auth), and `registerClient` is refused
   */
  readonly issuerEndpoint?: IssuerEndpoint;
  /** At least one. Removed users cannot sign in any more. */
  readonly people: readonly Person[];
  /** @default - sessions of 8 hours, 1 hour without a request; 5 wrong passwords within 10 minutes lock the account for 10 minutes */
  readonly rules?: SignOnRules;
  /**
   * @default - messages go to a file that the operator reads
   */
  readonly mail?: MailAccount;
  readonly volumes: DataVolumes;
  readonly secrets: SecretStore;
  /** What an operator may read: first passwords go here. */
  readonly operator: SecretDirectory;
  readonly limits: Limits;
}

const NAME = "authelia";
/** Private names of two labels that are public suffixes: neighbours share them. */
const PUBLIC_SUFFIXES = ["home.arpa"];
const USER = "1000:1000";
const RULES: SignOnRules = { session: Duration.parse("8h"), inactivity: Duration.parse("1h"), tries: 5, banTime: Duration.parse("10m") };
const HEALTH_PATH = "/api/health";
const DESCRIPTION: ContainerDescription = {
  purpose: ["the portal: a password", "and a one-time code"],
  zones: ["proxy", "backend"],
  listens: [PORTAL_PORT, METRICS_PORT],
};
/** Where Authelia finds its configuration, whose templates read secrets from files. */
const SETTINGS = { X_AUTHELIA_CONFIG: `${CONFIG_DIRECTORY}/configuration.yml`, X_AUTHELIA_CONFIG_FILTERS: "template" };
/** The portal's front end and the requests at each page load: 45 tabs load it 45 times. */
const ASSETS = ["/", "/static/", "/locales", "/locales/", "/manifest.json", "/favicon.ico", "/api/configuration", "/api/state"];

/**
 * The portal: users sign in with a password and a one-time code.
 *
 * It authenticates requests (forward auth) and tells applications who the user is (OpenID Connect). Host names that were not registered are
 * denied. It never starts with a new storage key over old data.
 */
export class Authelia extends Construct implements IForwardAuth, IRoutable, IIdentityProvider, IBackedUp {
  public readonly service: Service;
  public readonly forwardAuthAddress: string;
  public readonly forwardAuthHeaders: readonly string[] = ["Remote-User", "Remote-Groups", "Remote-Email", "Remote-Name"];
  public readonly userHeader = "Remote-User";
  public readonly sessionCookie = SESSION_COOKIE;
  public readonly httpServers: readonly string[];
  /** How the edge treats it: its pages ask for many small files, so that a first sign-in would use up the rate limit of pages. */
  public readonly edge: Omit<RouteOptions, "access">;
  /** `host:port` of the metrics on the internal network. */
  public readonly metricsAddress: string;
  /** Its log, for intrusion detection. */
  public readonly log: LogFile;
  /** All users: a JSON list of name, previousNames, displayName, email and groups. */
  public readonly users: ConfigFile;
  /** Passwords of users, their devices, and the key that encrypts these. */
  public readonly backedUp: BackedUp;
  private readonly protections = new Map<string, Protection>();
  private readonly clients = new Map<string, RegisteredClient>();
  private readonly directory: SecretDirectory;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AutheliaProps,
  ) {
    super(scope, id);
    const { namespace, image, networks, volumes, secrets, limits, people, mail, issuerEndpoint, domain } = props;
    requireAll(this, [
      domainRule(domain),
      ...peopleRules(people),
      [mail === undefined || networks.some(({ network }) => network.routable), "networks must name a routable one when mail is sent"],
    ]);
    this.edge = edgeOf(limits);
    const data = volumes.volume("authelia", { owner: USER });
    // Authelia would create it unreadable for others
    this.log = { volume: volumes.volume("authelia-logs", { owner: USER, files: { [LOG_FILE]: "644" } }), file: LOG_FILE };
    this.directory = secrets.directory(NAME, USER);
    const storageKey = SecretText.encryptionKey("authelia_storage_key");
    secrets.guard(data, [storageKey]);
    this.backedUp = { volumes: [{ volume: data, kind: "whole" }], secrets: [storageKey] };
    const signingKey = issuerEndpoint && this.directory.add(SecretText.rsa("oidc_signing_key"));
    this.users = usersFile(people);
    const users = usersJob(this, { ...props, image: props.phpImage, user: USER, users: this.users, data });
    this.service = new Service(this, "Service", {
      ...limits,
      namespace,
      name: NAME,
      description: DESCRIPTION,
      image,
      user: USER,
      networks,
      entrypoint: ["authelia"],
      environment: { ...goMemory(limits, GARBAGE_SHARE), ...SETTINGS, ...this.secretFiles(storageKey) },
      // the list of users is not read here, but a changed one must end all sessions, which end with the container
      config: { directory: CONFIG_DIRECTORY, files: [this.configuration(signingKey), this.users, ...certificates(mail)] },
      mounts: [this.directory, data.mountAt(DATA_DIRECTORY), this.log.volume.mountAt(LOG_DIRECTORY)],
      healthCheck: { command: ["wget", "--quiet", "--tries=1", "--spider", `http://127.0.0.1:${PORTAL_PORT}${HEALTH_PATH}`] },
      after: [users],
    });
    this.httpServers = [`http://${this.service.host}:${PORTAL_PORT}`];
    this.forwardAuthAddress = `${this.httpServers[0]}/api/authz/forward-auth`;
    this.metricsAddress = `${this.service.host}:${METRICS_PORT}`;
    this.node.addValidation({ validate: () => this.unused() });
  }

  /** Gives users with two factors who fulfil `protection` access to `hostName`. */
  public protect(hostName: string, protection: Protection = {}): void {
    requireAll(this, [
      [isHostName(hostName) && hostName.endsWith(`.${this.props.domain}`), `"${hostName}" is no host name below ${this.props.domain}`],
      [!this.protections.has(hostName), `host name "${hostName}" is protected already`],
    ]);
    this.protections.set(hostName, protection);
  }

  public registerClient({ id, name, redirectUri, homeUrl, groups = [], secrets }: SignOnClient): SignOnAccess {
    const { url, issuerEndpoint, rules = RULES } = this.props;
    if (issuerEndpoint === undefined)
      throw new ConfigurationError(this.node.path, [`issuerEndpoint must be given for client "${id}", or the client cannot reach the portal`]);
    requireAll(this, [
      [CLIENT_ID.test(id), `a client's id has lower-case letters and digits only, got "${id}"`],
      [!this.clients.has(id), `client "${id}" is registered already`],
      [redirectUri.startsWith("https://"), `redirectUri of "${id}" must begin with https://, got ${redirectUri}`],
    ]);
    // letters and digits: not every client encodes what else there could be
    const secret = SecretText.password(`oidc_${id}_secret`, 64);
    const secretHash = this.directory.add(new SecretHash(`oidc_${id}_hash`, "pbkdf2", secret));
    this.clients.set(id, { id, name, redirectUri, groups, secretHash });
    const { hostname, port } = new URL(url);
    return {
      issuer: url,
      clientId: id,
      clientSecret: secrets.add(secret),
      signOutUrl: `${url}/logout?rd=${encodeURIComponent(homeUrl)}`,
      resolve: `${hostname}:${port || 443}:${issuerEndpoint.address}`,
      ...authorityFor(issuerEndpoint.ca, secrets),
      session: rules.session,
      inactivity: rules.inactivity,
    };
  }

  /** What was forgotten: a portal that guards nothing, or that no application uses. */
  private unused(): string[] {
    return [
      ...(this.protections.size > 0 ? [] : ["guards nothing; call protect() at least once"]),
      ...(this.clients.size > 0 || this.props.issuerEndpoint === undefined
        ? []
        : ["has no client; call registerClient() at least once, or leave out issuerEndpoint if forward auth is enough"]),
    ];
  }

  private configuration(signingKey: SecretFile | undefined): ConfigFile {
    const { rules = RULES, mail } = this.props;
    const settings = () => ({ ...this.props, rules, mail, signingKey, protected: this.protections, clients: [...this.clients.values()] });
    return ConfigFile.rendered("configuration.yml", () => renderConfiguration(settings()), renderTemplate);
  }

  /** Variables that name the files of secrets. */
  private secretFiles(storageKey: SecretText): Record<string, string> {
    const { mail, issuerEndpoint } = this.props;
    const add = (stored: StoredFile) => this.directory.add(stored).path;
    return {
      AUTHELIA_STORAGE_ENCRYPTION_KEY_FILE: add(storageKey),
      AUTHELIA_SESSION_SECRET_FILE: add(SecretText.hex("authelia_session_secret")),
      AUTHELIA_IDENTITY_VALIDATION_RESET_PASSWORD_JWT_SECRET_FILE: add(SecretText.hex("authelia_reset_secret")),
      ...(issuerEndpoint ? { AUTHELIA_IDENTITY_PROVIDERS_OIDC_HMAC_SECRET_FILE: add(SecretText.hex("oidc_hmac_secret")) } : {}),
      ...(mail?.password === undefined ? {} : { AUTHELIA_NOTIFIER_SMTP_PASSWORD_FILE: add(mail.password) }),
    };
  }
}

const CLIENT_ID = /^[a-z][a-z0-9]*$/;

function certificates(mail: MailAccount | undefined): ConfigFile[] {
  const { ca } = mail ?? {};
  return ca === undefined ? [] : [ConfigFile.text(MAIL_CA_FILE, () => ca)];
}

function edgeOf(limits: Limits): Omit<RouteOptions, "access"> {
  return {
    healthPath: HEALTH_PATH,
    assets: { guarded: ASSETS },
    costly: { paths: COSTLY, queue: passwordQueue(limits) },
    internal: INTERNAL,
    times: TIMES,
  };
}

function domainRule(domain: string): Rule {
  return [
    domain.includes(".") && !PUBLIC_SUFFIXES.includes(domain),
    `domain must be a name below a public suffix, because browsers and Authelia refuse cookies for "${domain}"; use one such as wiki.${domain}`,
  ];
}
