import { compareText } from "../core/render";
import { type Secret, SecretHash, ServerCertificate, type StoredFile } from "./secret";
import type { SecretDescription } from "./secret-store";

/** Who gets which file. */
export interface Gift {
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
export function renderManifest(gifts: readonly Gift[], guards: readonly Guard[], version?: number): string {
  const secrets = secretsOf(gifts);
  const lines = [
    // only for the job to run again with another one
    ...(version === undefined ? [] : [["version", `${version}`]]),
    ...guards.map(({ secret, directory }) => ["guard", secret.name, directory]).sort(byText),
    // authorities first, hashes last: what is made from another comes after it
    ...secrets.map((secret) => ["create", secret.name, secret.kind, ...pad(secret.args(), 2)]),
    ...gifts.map(({ service, user, stored }) => ["give", stored.name, service, user]).sort(byText),
  ];
  return lines.map((fields) => `${fields.join("\t")}\n`).join("");
}

/** Every secret that somebody gets, and those from which they are made; each once, and after what it is made from. */
export function secretsOf(gifts: readonly Gift[]): Secret[] {
  const given = gifts.map(({ stored: { secret } }) => secret);
  const byName = new Map([...given, ...given.flatMap(sourceOf)].map((secret) => [secret.name, secret]));
  return [...byName.values()].sort((a, b) => rank(a) - rank(b) || compareText(a.name, b.name));
}

/** What a person may know of every secret that somebody gets, ordered by name. */
export function describeSecrets(gifts: readonly Gift[]): SecretDescription[] {
  const servicesOf = (name: string) => new Set(gifts.filter(({ stored }) => stored.secret.name === name).map(({ service }) => service));
  return secretsOf(gifts)
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
