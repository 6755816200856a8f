import type { SecretDescription } from "../contracts/secret-store";
import { compareText } from "../core/render";
import { Authority, type Secret, SecretHash, ServerCertificate, type StoredFile } from "./secret";

/** Who gets which file. */
export interface Grant {
  readonly service: string;
  /** `uid:gid` that may read it. */
  readonly user: string;
  readonly stored: StoredFile;
}

/** A secret that must not be created while `directory` holds data. */
export interface Guard {
  readonly secret: Secret;
  readonly directory: string;
}

/** What the script that creates secrets is to do: one line each, fields separated by tabs, `-` for an empty one. */
export function renderManifest(grants: readonly Grant[], guards: readonly Guard[], version?: number): string {
  const secrets = secretsOf(grants);
  const lines = [
    // only for the job to run again with another one
    ...(version === undefined ? [] : [["version", `${version}`]]),
    ...guards.map(({ secret, directory }) => ["guard", secret.name, directory]).sort(byText),
    // authorities first, hashes last: what is made from another comes after it
    ...secrets.map((secret) => ["create", secret.name, secret.kind, ...pad(secret.args(), 2)]),
    ...grants.map(({ service, user, stored }) => ["give", stored.name, service, user]).sort(byText),
  ];
  return lines.map((fields) => `${fields.join("\t")}\n`).join("");
}

/** Files with certificates of authorities that an operator gave, by the names that metrics and alerts call them. */
export type GivenAuthorities = Readonly<Record<string, string>>;

/** Certificates whose expiry is measured: those of distributed secrets, and those below `directory`. */
export function renderWatched(grants: readonly Grant[], given: GivenAuthorities, directory: string): string {
  const own = secretsOf(grants).flatMap(({ watched }) => (watched === undefined ? [] : [["watch", watched.name, watched.file, "first"]]));
  const others = Object.keys(given).map((name) => ["watch", name, `${directory}/${authorityFile(name)}`, "last"]);
  return [...own, ...others]
    .sort(byText)
    .map((fields) => `${fields.join("\t")}\n`)
    .join("");
}

/** Name of the file with certificates of an authority that an operator gave. */
export function authorityFile(name: string): string {
  return `${name}.pem`;
}

/** Grants of certificates of the environment's CAs only: what a renewal needs. */
export function signedHere(grants: readonly Grant[]): Grant[] {
  return grants.filter(({ stored: { secret } }) => secret instanceof Authority || secret instanceof ServerCertificate);
}

/** Every granted secret and the secrets it is derived from; each once, and after its sources. */
export function secretsOf(grants: readonly Grant[]): Secret[] {
  const given = grants.map(({ stored: { secret } }) => secret);
  const byName = new Map([...given, ...given.flatMap(sourceOf)].map((secret) => [secret.name, secret]));
  return [...byName.values()].sort((a, b) => rank(a) - rank(b) || compareText(a.name, b.name));
}

/** Public facts about every granted secret, sorted by name. */
export function describeSecrets(grants: readonly Grant[]): SecretDescription[] {
  const servicesOf = (name: string) => new Set(grants.filter(({ stored }) => stored.secret.name === name).map(({ service }) => service));
  return secretsOf(grants)
    .map(({ name, kind }) => ({ name, kind, services: [...servicesOf(name)].sort(compareText) }))
    .sort((a, b) => compareText(a.name, b.name));
}

function sourceOf(secret: Secret): Secret[] {
  if (secret instanceof ServerCertificate) return [secret.authority];
  return secret instanceof SecretHash ? [secret.source] : [];
}

function rank(secret: Secret): number {
  if (secret.kind === "authority") return 0;
  return secret instanceof SecretHash ? 2 : 1;
}

function pad(args: readonly string[], length: number): string[] {
  return Array.from({ length }, (_, index) => args[index] ?? "-");
}

function byText(a: readonly string[], b: readonly string[]): number {
  return compareText(a.join("\t"), b.join("\t"));
}
