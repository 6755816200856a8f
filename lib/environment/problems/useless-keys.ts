import type { z } from "zod";
import { Duration } from "../../../constructs/core/duration";
import { privateEnding } from "../relations/public-names";
import { environmentSchema } from "../schema";
import { type Finding, type Path, pathText, quoted } from "./finding";
import { keysAt, schemaAt } from "./schema-walk";

/** Keys that do nothing in some combination. */
interface Useless {
  /** Keys, and blocks with all that they hold. */
  readonly keys: readonly string[];
  /** Keys that decide about it. */
  readonly on: readonly string[];
  /** Whether `keys` have no effect, by the values of `on`. */
  readonly when: (...values: readonly unknown[]) => boolean;
  /** Goes on after "has no effect". */
  readonly because: string;
  /** What to do instead of removing them. */
  readonly or: string;
}

const isOff = (value: unknown) => value === false;
const isMissing = (value: unknown) => value === undefined;
const isEmpty = (value: unknown) => !Array.isArray(value) || value.length === 0;
const isNot = (wanted: string) => (value: unknown) => value !== wanted;

/** Every combination in which a key has no effect. It is refused, because its author expects one. */
export const USELESS: readonly Useless[] = [
  {
    keys: ["docker.hostKey"],
    on: ["docker.host"],
    when: (host) => !String(host).startsWith("ssh://"),
    because: "because docker.host is not reached by ssh://",
    or: "name the host in docker.host",
  },
  {
    keys: ["docker.certificates"],
    on: ["docker.host"],
    when: (host) => !String(host).startsWith("tcp://"),
    because: "because docker.host is not reached by tcp://",
    or: "name the host in docker.host",
  },
  {
    keys: ["state.organization", "state.workspace", "state.project", "state.hostname"],
    on: ["state.backend"],
    when: isNot("cloud"),
    because: "while state.backend is local",
    or: "set state.backend to cloud",
  },
  {
    keys: ["secrets.version"],
    on: ["secrets.variables"],
    when: isOff,
    because: "while secrets.variables is false",
    or: "set secrets.variables to true",
  },
  {
    keys: ["tls.email", "tls.staging", "tls.challenge"],
    on: ["tls.issuer"],
    when: isNot("letsencrypt"),
    because: "while tls.issuer is not letsencrypt",
    or: "set tls.issuer to letsencrypt",
  },
  {
    keys: ["tls.ca"],
    on: ["tls.issuer"],
    when: (issuer) => issuer === "local",
    because: "while tls.issuer is local, which has its own CA",
    or: "set tls.issuer to files",
  },
  {
    keys: ["tls.hstsPreload"],
    on: ["domain"],
    when: (domain) => privateEnding(String(domain)) !== undefined,
    because: "because browsers list no private names",
    or: "serve the wiki below a public domain",
  },
  {
    keys: ["dns.zone", "dns.wildcard"],
    on: ["dns.provider"],
    when: isNot("cloudflare"),
    because: "while dns.provider is none",
    or: "set dns.provider to cloudflare",
  },
  { keys: ["networks.proxy6"], on: ["ports.ipv6"], when: isMissing, because: "without ports.ipv6", or: 'add ports.ipv6: "::"' },
  {
    keys: ["traefik.rateLimit.trusted"],
    on: ["access.trusted"],
    when: isEmpty,
    because: "without networks that it is for",
    or: "name them in access.trusted",
  },
  {
    keys: ["signOn.inactivity"],
    on: ["signOn.inactivity", "signOn.session"],
    when: (inactivity, session) => inactivity instanceof Duration && session instanceof Duration && inactivity.milliseconds > session.milliseconds,
    because: "because it is longer than signOn.session, which ends first",
    or: "raise signOn.session",
  },
  {
    keys: ["database.bufferPool", "database.slowQuery", "database.memory", "database.cpus"],
    on: ["database.external"],
    when: (external) => !isMissing(external),
    because: "because the database runs on another machine",
    or: "remove database.external",
  },
  { keys: ["mail.ca"], on: ["mail.tls"], when: isOff, because: "while mail.tls is false", or: "set mail.tls to true" },
  { keys: ["wiki.webhookCa"], on: ["wiki.webhooks"], when: isEmpty, because: "without wiki.webhooks", or: "name the servers in wiki.webhooks" },
  {
    keys: ["backup.check", "backup.remoteKeep"],
    on: ["backup.remotes"],
    when: isEmpty,
    because: "without backup.remotes",
    or: "name a place in backup.remotes",
  },
  {
    // images are not included: with a mirror, all of them are listed in every environment
    keys: [
      ...["interval", "retentionDays", "retentionSize", "prometheus", "alertmanager", "grafana", "nodeExporter", "mysqldExporter", "containerMetrics"].map(
        (key) => `monitoring.${key}`,
      ),
      "alerts",
    ],
    on: ["monitoring.enabled"],
    when: isOff,
    because: "while monitoring.enabled is false",
    or: "set monitoring.enabled to true",
  },
  {
    keys: ["monitoring.dockerRoot"],
    on: ["monitoring.enabled", "host"],
    when: (enabled, host) => isOff(enabled) && isMissing(host),
    because: "while monitoring.enabled is false and there is no block host",
    or: "set monitoring.enabled to true",
  },
  {
    keys: ["alerts.groupInterval", "alerts.repeat"],
    on: ["monitoring.enabled", "alerts.email", "alerts.webhook"],
    when: (enabled, email, webhook) => !isOff(enabled) && isMissing(email) && isOff(webhook),
    because: "while no message is sent",
    or: "set alerts.email or alerts.webhook",
  },
];

/** Keys of a file that do nothing in its combination. What says no more than the default does is none of them. */
export function uselessKeys(file: unknown, lineOf: (path: Path) => number | undefined): (Finding & { readonly path: Path })[] {
  return USELESS.filter(({ on, when }) => holds(file, on, when)).flatMap(({ keys, because, or }) =>
    keys
      .map((key) => key.split("."))
      .filter((path) => leavesAt(file, path).some((leaf) => isWritten(file, leaf)))
      .map((path) => ({ path, line: lineOf(path), text: `${pathText(path)}: ${shown(valueAt(file, path))}has no effect ${because}; remove it, or ${or}` })),
  );
}

function shown(value: unknown): string {
  if (typeof value === "object" || String(value).includes("\n")) return "";
  return `${typeof value === "string" ? quoted(value) : value} `;
}

/** Whether all that decides was read, and says so. */
function holds(file: unknown, on: readonly string[], when: Useless["when"]): boolean {
  const read = on.map((key) => parsed(file, key.split(".")));
  return read.every(({ success }) => success) && when(...read.map(({ data }) => data));
}

/** A value as the schema reads it, with its default. */
function parsed(file: unknown, path: Path): { readonly success: boolean; readonly data?: unknown } {
  const block = path.length > 1 ? valueAt(file, path.slice(0, -1)) : file;
  if (block !== undefined && (typeof block !== "object" || block === null || Array.isArray(block))) return { success: false };
  return schemaOf(path).safeParse(valueAt(file, path));
}

function schemaOf(path: Path): z.ZodType {
  return schemaAt(path, environmentSchema);
}

function valueAt(file: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (block, key) => (typeof block === "object" && block !== null && Object.hasOwn(block, key) ? (block as Record<PropertyKey, unknown>)[key] : undefined),
    file,
  );
}

/** The keys below `path` that the file has and the schema knows, or `path` itself. */
function leavesAt(file: unknown, path: Path): Path[] {
  const value = valueAt(file, path);
  if (value === undefined) return [];
  const keys = keysAt(path, environmentSchema);
  return keys.length === 0 ? [path] : keys.flatMap((key) => leavesAt(file, [...path, key]));
}

/** Whether there is a valid value other than the default. */
function isWritten(file: unknown, path: Path): boolean {
  const [usual, given] = [schemaOf(path).safeParse(undefined), schemaOf(path).safeParse(valueAt(file, path))];
  return given.success && !(usual.success && usual.data !== undefined && String(usual.data) === String(given.data));
}
