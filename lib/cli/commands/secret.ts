import { readFileSync } from "node:fs";
import { BACKUP_PASSPHRASE, RESTIC_PASSWORD } from "../../../constructs/backup/backup";
import { redact } from "../../../constructs/core/secret-kinds";
import { resourceName } from "../../../constructs/docker/resource-name";
import { providedSecrets, storedSecrets } from "../../operations/secrets/secret-store";
import { synthesize } from "../../operations/workspace";
import { OperatorError } from "../../system/operator-error";
import { type Arguments, type Command, usageOf } from "../command";

const STANDARD_INPUT = 0;
/** Generated, but stored on an empty host to restore sets of another one. */
const KEPT_ELSEWHERE: readonly string[] = [BACKUP_PASSPHRASE.name, RESTIC_PASSWORD.name];

/** Secret → the key that makes it needed. */
const NEEDED_WITH: readonly (readonly [name: RegExp, key: string])[] = [
  [/^smtp_password$/, "mail.user"],
  [/^cloudflare_dns_token$/, "tls.issuer: letsencrypt"],
  [/^dns_/, "its variable in tls.challenge.secrets"],
  [/^tls_(certificate|key)$/, "tls.issuer: files"],
  [/^crowdsec_enroll_key$/, "crowdsec.community: true"],
  [/^alert_webhook_url$/, "alerts.webhook: true"],
  [/^alert_dead_man_url$/, "alerts.deadMan: true"],
  [/^backup_\w+_(access_key|secret_key|rclone_conf|ssh_key|rest_password)$/, "a remote of that name in backup.remotes"],
];

export const command: Command = {
  group: "run",
  summary: "store a secret that only you can provide, read from standard input",
  positionals: [{ name: "secret" }],
  // what is too much there may be the secret itself
  hidesExcess: true,
  changes: "interrupted",
  following: true,
  run,
};

function run(args: Arguments): number {
  const name = args.positionals.get("secret") ?? "";
  const { environment: loaded, stack } = synthesize(args);
  const described = stack.secrets.describe();
  const known = [...providedSecrets(stack), ...described.map((secret) => secret.name).filter((candidate) => KEPT_ELSEWHERE.includes(candidate))];
  if (!known.includes(name)) throw unused(name, loaded.name, providedSecrets(stack));
  if (process.stdin.isTTY) process.stderr.write(`Paste ${name}, then Enter and Ctrl+D:\n`);
  const { kind, services = [] } = described.find((secret) => secret.name === name) ?? {};
  const value = readFileSync(STANDARD_INPUT, "utf8").trim();
  requireForm(name, value, kind === "provided-file" || kind === "provided-certificate");
  const store = storedSecrets(loaded);
  const replaced = store.names().includes(name);
  store.put(name, value);
  const restart =
    replaced && !loaded.host ? [`then, for it to be read: docker restart ${services.map((service) => resourceName(loaded.name, service)).join(" ")}`] : [];
  process.stdout.write(`${[`${name} is in the store of ${loaded.name}. Next: npm run deploy -- ${loaded.name}`, ...restart].join("\n")}\n`);
  return 0;
}

/** Says what makes a secret needed, or which ones are. */
function unused(name: string, environment: string, provided: readonly string[]): OperatorError {
  const key = NEEDED_WITH.find(([form]) => form.test(name))?.[1];
  if (key !== undefined) return new OperatorError(`${environment} does not use ${name}; it is needed with ${key}`, `set ${key} in the environment file first`);
  const remedy =
    provided.length === 0 ? `${environment} needs none from you` : provided.map((secret) => `npm run secret -- ${environment} ${secret}`).join("\n");
  return new OperatorError(`${environment} has no use for a secret "${redact(name)}"`, remedy);
}

/** A secret is one word; the configuration file of a program has several lines. */
function requireForm(name: string, value: string, isFile: boolean): void {
  if (value === "" || (!isFile && /\s/.test(value)))
    throw new OperatorError(`${name} must be one word, got ${value === "" ? "nothing" : "several"}`, `${usageOf("secret", command)} < file`);
}
