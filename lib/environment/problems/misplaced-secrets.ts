import { secretKindIn } from "../../../constructs/core/secret-kinds";
import { namesSecret } from "../../../constructs/policy/secret-names";
import { secretShape, withoutOpenParts } from "../../../constructs/policy/secret-shapes";
import { type Finding, type Path, pathText } from "./finding";

/** Keys that people expect, for secrets that belong elsewhere: form of the key → where its secret belongs. */
const BELONGS: readonly (readonly [key: RegExp, place: string])[] = [
  [/^mail\.(password|pass|pwd|secret)$/i, "store it with: npm run secret -- <environment> smtp_password (it is read when mail.user is set)"],
  [/^(users\[\d+\]|signOn|authelia)\.(password|pass|hash)$/i, "initial passwords are generated: npm run credentials -- <environment>"],
  [
    /^database\.external\.(admin_?)?(password|pass|pwd|secret)$/i,
    "store it with: npm run secret -- <environment> mysql_admin_password (it is read by the job that creates the accounts)",
  ],
  [/^wiki\.admin\.(password|pass|hash)$/i, "it is generated: npm run credentials -- <environment>"],
  [
    /cloudflare.*(token|key)$|^(dns|tls)\.(api_?)?(token|key)$/i,
    "store it with: npm run secret -- <environment> cloudflare_dns_token; for DNS records, export CLOUDFLARE_API_TOKEN",
  ],
  [/^state\.(token|password|secret)$/i, "sign in with: terraform login, or export TF_TOKEN_app_terraform_io"],
  [
    /^backup\.remotes\[\d+\]\.(access_?key.*|secret_?key|key.*|token|password|application_?key)$/i,
    "store it with: npm run secret -- <environment> backup_<remote>_access_key and backup_<remote>_secret_key; for sftp backup_<remote>_ssh_key, for rest backup_<remote>_rest_password",
  ],
  [/^backup\.(pass.*|key|secret)$/i, "the passphrase is generated: npm run credentials -- <environment>"],
  [/^crowdsec\.(key|token|enroll.*)$/i, "store it with: npm run secret -- <environment> crowdsec_enroll_key (it is read when crowdsec.community is true)"],
  [/^alerts\.(webhook|url|hook).*$/i, "set alerts.webhook: true, and store the address with: npm run secret -- <environment> alert_webhook_url"],
  [/^alerts\.dead_?man.*$/i, "set alerts.deadMan: true, and store the address with: npm run secret -- <environment> alert_dead_man_url"],
  [/^(app_?key|wiki\.(app_?)?key)$/i, "it is generated; npm run secret -- <environment> app_key is not needed"],
];
/** Blocks that no container reads: checksums, names of workspaces and public keys look generated, too. */
const NO_CONTAINERS: ReadonlySet<string> = new Set(["$schema", "docker", "host", "images", "state"]);
const ANYWHERE = "secrets are stored with: npm run secret -- <environment> <name>; a deploy says which are missing";

/** Where a secret with this key belongs; nothing for a key that is not that of a secret. */
export function placeOf(path: Path): string | undefined {
  const text = dotted(path);
  const [, place] = BELONGS.find(([key]) => key.test(text)) ?? [];
  return place ?? (namesSecret(String(path.at(-1)), "variable") ? ANYWHERE : undefined);
}

/** Secrets among the values of a file, each named by its kind and never shown, with what to do about it. */
export function misplacedSecrets(value: unknown, lineOf: (path: Path) => number | undefined): (Finding & { readonly path: Path })[] {
  return scalarsOf(value).flatMap(({ path, text }) => {
    const known = secretKindIn(text)?.what;
    const shape = known ?? (NO_CONTAINERS.has(String(path[0])) ? undefined : secretShape(withoutOpenParts(text)));
    if (shape === undefined) return [];
    const remedy =
      known === undefined && placeOf(path) === undefined
        ? "the policy keeps such texts out of the files of containers; remove it and revoke it if it is a secret; if it is a name, write it in words with blanks between them"
        : `remove it and revoke it, because others may have read this file; ${placeOf(path) ?? ANYWHERE}`;
    return [{ path, line: lineOf(path), text: `${pathText(path)} holds ${shape} (not shown); ${remedy}` }];
  });
}

function scalarsOf(value: unknown, path: Path = []): { path: Path; text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((item, index) => scalarsOf(item, [...path, index]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => scalarsOf(inner, [...path, key]));
}

/** `users[0].password`. */
function dotted(path: Path): string {
  return path
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "");
}
