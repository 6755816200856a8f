import type { SecretDescription } from "../../../constructs/contracts/secret-store";
import { Authorities } from "./authorities";
import { BackupSecrets } from "./backups";
import { BouncerKeys } from "./bouncers";
import type { Method, RotationContext } from "./context";
import { DatabaseAccounts } from "./database";
import { PortalSecrets } from "./portal";
import { WikiKey } from "./wiki-key";

/** How secrets of one kind are rotated, or why the command does not do it. */
export interface Kind {
  /** What the secrets are, as the manual calls them. */
  readonly title: string;
  /** How the manual writes their names. */
  readonly names: string;
  /** Whether a secret is of this kind. */
  includes(secret: SecretDescription): boolean;
  /** What `rotate` does, or what to do instead, in one sentence. */
  readonly how: string;
  /** What people notice. */
  readonly notice: string;
  /**
   * What people have to do while the old and the new value are accepted; a second run ends that.
   * @default - nothing, and one run does it all
   */
  readonly waits?: (environment: string) => readonly string[];
  /** @default - the command refuses to rotate it, and says `how` */
  readonly method?: (context: RotationContext) => Method;
}

const named =
  (form: RegExp) =>
  ({ name }: SecretDescription): boolean =>
    form.test(name);

/** Every kind of secret; each secret is of the first one that includes it. Those with a method come in the order in which they are rotated. */
export const KINDS: readonly Kind[] = [
  {
    title: "Secrets from other services",
    names: "`smtp_password`, `tls_key`, …",
    includes: ({ kind }) => kind.startsWith("provided"),
    how: "replace it where it comes from, then run `npm run secret` or `npm run certificate`, or increase `secrets.version`",
    notice: "see [Secrets that only you can provide](#secrets-that-only-you-can-provide)",
  },
  {
    title: "Hashes",
    names: "`oidc_<client>_hash`, `user_<name>_hash`",
    includes: ({ kind }) => kind.endsWith("-of"),
    how: "it is derived; rotate the secret that it is the hash of",
    notice: "–",
  },
  {
    title: "Passwords of database accounts",
    names: "`mysql_<account>_password`",
    includes: named(/^mysql_[a-z0-9]+_password$/),
    how: "MySQL accepts the old and the new password until every client has the new one, then the old one is discarded",
    notice: "nothing",
    method: (context) => new DatabaseAccounts(context),
  },
  {
    title: "Secrets of the portal",
    names: "`authelia_session_secret`, `authelia_reset_secret`, `authelia_storage_key`, `oidc_hmac_secret`, `oidc_signing_key`, `oidc_<client>_secret`",
    includes: named(/^(authelia_(session_secret|reset_secret|storage_key)|oidc_(hmac_secret|signing_key)|oidc_[a-z0-9]+_secret)$/),
    how: "the portal is restarted once for all of them; for the storage key it is stopped, and Authelia re-encrypts its data",
    notice:
      "users sign in again; links to reset a password become invalid; the wiki answers with an error while the portal is down, up to half a minute with the storage key",
    method: (context) => new PortalSecrets(context),
  },
  {
    title: "Keys of bouncers",
    names: "`bouncer_key_<name>`",
    includes: named(/^bouncer_key_[a-z0-9_]+$/),
    how: "CrowdSec is restarted and registers the new key, then the bouncer is restarted",
    notice: "for `bouncer_key_traefik` the reverse proxy is down for some seconds; existing bans stay",
    method: (context) => new BouncerKeys(context),
  },
  {
    title: "Initial passwords",
    names: "`user_<name>_password`, `wiki_admin_password`",
    includes: named(/^(user_.+_password|wiki_admin_password)$/),
    how: "it is used for the first login only; change the password in the portal, or that of the first administrator in the wiki",
    notice: "–",
  },
  {
    title: "Secrets of Grafana",
    names: "`grafana_admin_password`, `grafana_secret_key`",
    includes: named(/^grafana_(admin_password|secret_key)$/),
    how: "Grafana reads its password at the first start only, so run `grafana cli admin reset-admin-password` in its container; with the key it encrypts what it stores, and there is no command for another one",
    notice: "–",
  },
  {
    title: "Key of the wiki",
    names: "`app_key`",
    includes: named(/^app_key$/),
    how: "the wiki accepts the old key, too, until second factors in its database are encrypted with the new one",
    notice: "users who send no request meanwhile are redirected through the portal by the next one",
    method: (context) => new WikiKey(context),
  },
  {
    title: "Secrets of backups",
    names: "`backup_passphrase`, `backup_restic_password`",
    includes: named(/^backup_(passphrase|restic_password)$/),
    how: "new sets have the new passphrase, and older ones stay readable with the old one, which is kept as `backup_passphrase.kept.<fingerprint>`; each remote gets the new password of restic before the old one is removed",
    notice: "nothing; store the new values away from the Docker host, and keep the old passphrase as long as its sets",
    method: (context) => new BackupSecrets(context),
  },
  {
    title: "CA of the database",
    names: "`database_ca`",
    includes: named(/^database_ca$/),
    how: "the services trust the old and the new CA, the database gets a certificate of the new one without a restart, then the old one is dropped",
    notice: "nothing",
    method: (context) => new Authorities(context),
  },
  {
    title: "CA of the wiki",
    names: "`edge_ca`, with `tls.issuer: local`",
    includes: named(/^edge_ca$/),
    how: "in two runs, because devices have to trust the new CA before it is used, and `--all` leaves it out",
    notice: "devices without the new CA show a warning after the second run",
    waits: (environment) => [
      `import the new CA on every device: npm run --silent ca -- ${environment} --next > wiki-ca-new.crt`,
      `then let it sign, and drop the old one: npm run rotate -- ${environment} edge_ca --finish`,
    ],
    method: (context) => new Authorities(context),
  },
  {
    title: "Certificates",
    names: "`database`, `edge`",
    includes: ({ kind }) => kind === "authority" || kind === "certificate",
    how: "certificates are renewed automatically, and with their CA; `npm run ca -- <environment> --renew` signs the certificate of the wiki's CA again with the same key",
    notice: "–",
  },
];

/** The kind of a secret. */
export function kindOf(secret: SecretDescription): Kind {
  const kind = KINDS.find(({ includes }) => includes(secret));
  if (kind === undefined) throw new Error(`no kind of rotation includes the secret ${secret.name}`);
  return kind;
}
