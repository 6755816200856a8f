import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc, { type Arbitrary } from "fast-check";
import { stringify } from "yaml";
import type { z } from "zod";
import { keyPaths, keysAt, schemaAt, unwrap } from "../../../lib/environment/problems/schema-walk";
import { uselessKeys } from "../../../lib/environment/problems/useless-keys";
import { environmentSchema } from "../../../lib/environment/schema";
import { shared } from "../../support/shared";

const ENVIRONMENTS = join(__dirname, "..", "..", "..", "environments");
export const AUTHORITY = readFileSync(join(__dirname, "..", "..", "support", "authority.pem"), "utf8");
const FILES = ["local.yaml", "production.example.yaml"].map((file) => readFileSync(join(ENVIRONMENTS, file), "utf8"));
const KEYS = [...new Set(keyPaths(environmentSchema).map((path) => String(path.at(-1))))];

/** Signs that mean something to YAML, and texts that look like something else. */
const SIGNS = [
  ..."{}[]:,-?#&*!|>%@'\"\n\t \r~=<\\",
  ": ",
  "- ",
  "\n  ",
  "---\n",
  "...\n",
  "\n",
  "<<: ",
  "&a ",
  "*a",
  "!!int ",
  "!!binary ",
  "!x ",
  "%YAML 1.1\n",
  "|\n ",
  ">-\n ",
  "? ",
  "null",
  "true",
  "0x1F",
  "1e999",
  ".nan",
  "2026-01-31",
  "\uFEFF",
  "\u0000",
  "\u2028",
  "\uD800",
  "__proto__: ",
];

/** (a) Any text at all, and texts of the signs of YAML. */
export function anyText(): Arbitrary<string> {
  return fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.string({ unit: "grapheme", maxLength: 200 }),
    fc
      .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...SIGNS) }, fc.constantFrom(...KEYS), fc.string({ maxLength: 5 })), { maxLength: 60 })
      .map((parts) => parts.join("")),
  );
}

/** A key of the schema, one that is nearly such a key, or another. */
function anyKey(): Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...KEYS) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom(...KEYS), fc.nat(), fc.string({ maxLength: 2 }))
        .map(([key, at, inserted]) => spliced(key, at % key.length, inserted)),
    },
    fc.constantFrom(...KEYS).map((key) => key.toUpperCase()),
    fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "<<", "", "0", "null"),
    fc.string({ maxLength: 10 }),
  );
}

function spliced(text: string, at: number, inserted: string): string {
  return `${text.slice(0, at)}${inserted}${text.slice(at + 1)}`;
}

/** (b) Documents with any values below real and nearly real keys. */
export function anyDocument(): Arbitrary<string> {
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.double(), fc.constantFrom(...GOOD_TEXTS)),
      fc.dictionary(anyKey(), tie("tree"), { maxKeys: 8, noNullPrototype: true }),
      fc.array(tie("tree"), { maxLength: 3 }),
    ),
  }));
  const block = fc.dictionary(anyKey(), tree, { maxKeys: 12 });
  return fc.oneof({ weight: 4, arbitrary: block }, tree).chain(written);
}

/** Documents of the shape of an environment whose values are mostly good. */
export function environmentDocument(): Arbitrary<string> {
  return shared("documents of the shape of an environment", () =>
    environmentValue([]).map(paired).map(onOneHost).map(reachable).map(signed).map(clustered).map(useful).chain(written),
  );
}

/** Both blocks name the same host, or most documents would be refused only for that. */
function onOneHost(value: unknown): unknown {
  const document = value as { host?: { ssh?: { address?: unknown; port?: unknown } } };
  if (!document.host) return value;
  const { ssh } = document.host;
  return { ...document, docker: ssh ? { host: `ssh://deploy@${ssh.address}:${ssh.port ?? 22}` } : {} };
}

/** What a standby can be combined with, for the same reason. */
function paired(value: unknown): unknown {
  const { host, cluster, dns, secrets, state, docker, database, wiki, ...rest } = value as Blocks;
  if (rest.standby === undefined) return value;
  const { external: _, ...own } = database ?? {};
  const { uploads: __, ...rows } = wiki ?? {};
  const [hostKey] = GOOD_VALUES["docker.hostKey"] ?? [];
  return { ...rest, docker: { host: "ssh://deploy@203.0.113.10", hostKey }, ...(database && { database: own }), ...(wiki && { wiki: rows }) };
}

type Blocks = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

/** Addresses that belong together, for the same reason. */
function reachable(value: unknown): unknown {
  const { dns, ports, networks, host, access, ...rest } = value as Blocks;
  const six = dns?.ipv6 !== undefined || networks?.proxy6 !== undefined;
  const { public: seen, ...open } = ports ?? {};
  const proxies = { proxies: ["192.0.2.0/24"] };
  return {
    ...rest,
    ...(dns && { dns }),
    ...(networks && { networks }),
    ...(ports || six ? { ports: { ...open, ...(ports?.address === "127.0.0.1" ? {} : { public: seen }), ...(six ? { ipv6: "::" } : {}) } } : {}),
    ...(host && { host }),
    ...(host?.onlyProxies === true ? { access: { ...access, ...proxies } } : access && { access }),
  };
}

/** A cluster only beside what it can have, for the same reason. */
function clustered(value: unknown): unknown {
  const { cluster, ...document } = value as Blocks;
  const { host, mail, wiki, ports, networks, providers, monitoring, docker } = document;
  const others = [host, mail, wiki?.webhooks, ports?.ipv6, networks, docker?.host];
  const fits = others.every((other) => other === undefined) && providers?.docker === 4 && monitoring?.enabled === false;
  return cluster && fits ? value : document;
}

/** Settings of the issuer that there is. */
function signed(value: unknown): unknown {
  const { tls, ...rest } = value as Blocks;
  if (!tls) return value;
  const { challenge, ca, ...given } = tls;
  const own = given.issuer === "letsencrypt" && challenge !== undefined ? { challenge: { delay: "1m", ...(challenge as object) } } : {};
  return { ...rest, tls: { ...given, ...own, ...(["files", "letsencrypt"].includes(String(given.issuer)) && ca !== undefined ? { ca } : {}) } };
}

/** Without the keys that would have no effect, for the same reason. */
export function useful(value: unknown): unknown {
  const document = structuredClone(value);
  for (const { path } of uselessKeys(document, () => undefined)) {
    const block = path.slice(0, -1).reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown>)[key], document);
    delete (block as Record<PropertyKey, unknown>)[path.at(-1) ?? ""];
  }
  return document;
}

/** Keys that a block cannot be without, so that most documents are good. */
const REQUIRED_KEYS: Readonly<Record<string, string[]>> = {
  "": ["domain", "users", "wiki"],
  "host.ssh": ["address", "hostKeys"],
  mail: ["host", "from"],
  "database.external": ["host", "ca"],
  "wiki.uploads": ["path"],
  standby: ["docker"],
  "standby.docker": ["host", "hostKey"],
  state: ["backend", "organization", "workspace"],
  cluster: ["nodes", "storage"],
  wiki: ["admin"],
  "wiki.admin": ["email"],
};

/** Texts that match; making one tries every character of many strange texts against the pattern. */
function matching(pattern: string): Arbitrary<string> {
  return shared(`texts that match ${pattern}`, () => fc.stringMatching(new RegExp(pattern, "u")));
}

function environmentValue(path: readonly string[]): Arbitrary<unknown> {
  const keys = keysAt(path, environmentSchema);
  if (keys.length > 0) {
    const inner = Object.fromEntries(keys.map((key) => [key, environmentValue([...path, key])]));
    return fc.record(inner, { requiredKeys: REQUIRED_KEYS[path.join(".")] ?? [] });
  }
  const { pattern } = (unwrap(schemaAt(path, environmentSchema) as z.ZodType).meta() ?? {}) as { pattern?: string };
  const good = GOOD_VALUES[path.join(".")] ?? [];
  return fc.oneof(
    { weight: 500, arbitrary: fc.constantFrom(...good) },
    ...(pattern === undefined ? [] : [{ weight: 6, arbitrary: matching(pattern) }]),
    fc.jsonValue({ maxDepth: 1 }),
  );
}

/** Good values of each key that holds no block. */
export const GOOD_VALUES: Readonly<Record<string, readonly unknown[]>> = {
  terraform: ["terraform", "tofu", "/opt/tofu/bin/tofu"],
  domain: ["wiki.example.com", "a.example.com", "xn--bcher-kva.example.com"],
  timezone: ["UTC", "Europe/Paris", "Etc/GMT+1", "US/Eastern"],
  production: [true, false],
  "docker.host": ["unix:///var/run/docker.sock", "ssh://deploy@203.0.113.10:2222", "tcp://203.0.113.10:2376", "ssh://[2001:db8::10]"],
  "standby.docker.host": ["ssh://deploy@203.0.113.11"],
  "standby.docker.hostKey": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw"],
  "docker.hostKey": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw"],
  "docker.certificates": ["/etc/docker/client"],
  "docker.registryLogins": [["registry.example.com"], ["registry.example.com:5000", "ghcr.io"]],
  "state.backend": ["cloud", "cloud", "cloud", "cloud", "cloud", "local"],
  "state.organization": ["example"],
  "state.workspace": ["wiki-production"],
  "state.project": ["wikis"],
  "state.hostname": ["terraform.example.com"],
  "secrets.variables": [true, false],
  "secrets.version": [1, 2],
  "host.ssh.address": ["203.0.113.10"],
  "host.ssh.port": [22, 2222],
  "host.ssh.user": ["root", "deploy"],
  "host.ssh.hostKeys": [["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw"]],
  "host.ssh.keyFile": ["~/.ssh/id_ed25519", "/root/key"],
  "host.sshFrom": [["198.51.100.0/29"], ["2001:db8::/32"]],
  "host.onlyProxies": [true, false],
  "cluster.nodes": [
    [{ name: "wiki-a", roles: ["manager", "data", "wiki"] }],
    [
      { name: "wiki-a", roles: ["manager", "data"] },
      { name: "wiki-b", roles: ["wiki"], zone: "rack-1" },
    ],
  ],
  "cluster.storage": ["/srv/wiki", "/mnt"],
  "tls.issuer": ["local", "local", "local", "local", "local", "letsencrypt", "files"],
  "tls.email": ["ops@example.com"],
  "tls.staging": [true, false],
  "tls.challenge.provider": ["cloudflare", "cloudflare", "cloudflare", "hetzner", "acme-dns"],
  "tls.challenge.secrets": [["HETZNER_API_TOKEN"], ["DNSUPDATE_TSIG_FILE"]],
  "tls.challenge.variables": [["HTTPREQ_ENDPOINT=http://10.0.0.1:8080/x?y=z"], []],
  "tls.challenge.resolvers": [["9.9.9.9"], ["9.9.9.9:53", "[2620:fe::fe]:53", "2620:fe::9"]],
  "tls.challenge.delay": ["30s", "2m"],
  "tls.challenge.checks": ["all", "resolvers", "none"],
  "tls.ca": [AUTHORITY],
  "tls.hstsPreload": [true, false],
  "access.proxies": [["192.0.2.0/24", "2001:db8::/32"], [], ["10.0.0.0/8"]],
  "access.trusted": [["198.51.100.0/29"], [], ["2001:db8:90::/48"]],
  "dns.provider": ["none", "none", "none", "none", "none", "cloudflare"],
  "dns.zone": ["example.com"],
  "dns.ipv4": ["203.0.113.10"],
  "dns.ipv6": ["2001:db8::10"],
  "dns.proxied": [true, false],
  "dns.wildcard": [true, false],
  "ports.address": ["0.0.0.0", "127.0.0.1", "203.0.113.10"],
  "ports.ipv6": ["::", "2001:db8::10"],
  "ports.http": [80, 8081, 1],
  "ports.https": [443, 8443, 65_535],
  "ports.public": [443, 9443],
  "networks.proxy": ["10.80.10.0/24", "10.81.0.0/16"],
  "networks.backend": ["10.80.20.0/24", "192.168.1.32/27"],
  "networks.database": ["10.80.30.0/24", "172.16.0.0/20"],
  "networks.proxy6": ["fd80:10:1::/64", "FDFF::1:0/112"],
  protectData: [true, false],
  "providers.docker": [3, 4],
  "traefik.memory": ["64M", "1G", "65536kib"],
  "traefik.cpus": [0.1, 1, 64],
  "traefik.rateLimit.perMinute": [10, 100, 60_000],
  "traefik.rateLimit.burst": [10, 50, 1000],
  "traefik.rateLimit.signedIn.perMinute": [10, 300, 60_000],
  "traefik.rateLimit.signedIn.burst": [10, 150, 10_000],
  "traefik.rateLimit.api.perMinute": [10, 200, 60_000],
  "traefik.rateLimit.api.burst": [10, 100, 10_000],
  "traefik.rateLimit.trusted.perMinute": [10, 1000, 60_000],
  "traefik.rateLimit.trusted.burst": [10, 500, 10_000],
  "authelia.memory": ["256M", "1G"],
  "authelia.cpus": [0.1, 1, 64],
  users: [
    [{ name: "alice", displayName: "Alice", email: "alice@example.com", groups: ["admin"] }],
    [
      { name: "bob_2", previousNames: ["bob", "b_0"], displayName: "Bob É🦊", email: "bob@example.com" },
      { name: "c", displayName: "C", email: "c@c.c", groups: [] },
    ],
    [
      { name: "jean.dupont", displayName: 'Jean "JD" Dupont: #1 \\ $${x} %{y} {{z}}', email: "o'brien+wiki@example.com", groups: ["book-keepers", "it_ops"] },
      { name: "anne-marie", displayName: "Anne-Marie's", email: "a_b-c@sub.example.com", groups: ["admin"] },
    ],
  ],
  "signOn.session": ["1h", "8s"],
  "signOn.inactivity": ["15m", "90s"],
  "signOn.tries": [1, 5, 100],
  "signOn.banTime": ["10m"],
  "signOn.breakGlass": [true, false],
  "mail.host": ["smtp.example.com"],
  "mail.port": [465, 587],
  "mail.user": ["wiki", "DOMAIN\\wiki", "wiki@example.com"],
  "mail.from": ["wiki@example.com"],
  "crowdsec.appsec": [true, false],
  "crowdsec.community": [true, false],
  "crowdsec.hostLog": ["/var/log/auth.log"],
  "crowdsec.memory": ["256M", "1G"],
  "crowdsec.cpus": [0.1, 1, 64],
  "images.mirrors": [{ "docker.io": "mirror.example.com/hub" }, { "docker.io/grafana": "127.0.0.1:5000", "docker.io": "mirror.example.com:5000/a/b" }],
  "images.authelia": ["authelia/authelia:4.39.20"],
  "wiki.admin.email": ["admin@example.com", "First.Last+wiki@localhost"],
  "wiki.admin.name": ["Alice", " É🦊 ", "42", "n".repeat(100), '"Al" O\'Brien \\ ${x} #1'],
  "wiki.language": ["en", "pt_BR", "de_informal"],
  "wiki.uploadLimit": ["1M", "2g"],
  "wiki.uploads.path": ["/mnt/wiki", "/data"],
  "wiki.memory": ["1248M", "2GiB"],
  "wiki.phpMemory": ["64M", "1G"],
  "wiki.timeLimit": ["10s", "1h"],
  "wiki.cpus": [2, 0.5],
  "wiki.options.ALLOWED_IFRAME_HOSTS": [["https://intranet.example.com"]],
  "wiki.options.ALLOWED_IFRAME_SOURCES": [["https://*.example.com", "https://www.example.com:8443"]],
  "wiki.options.DRAWIO": [true, false, "https://draw.example.com/?embed=1&proto=json&spin=1&configure=1"],
  "wiki.options.APP_DEFAULT_DARK_MODE": [true, false],
  "wiki.options.APP_AUTO_LANG_PUBLIC": [true, false],
  "wiki.options.APP_VIEWS_BOOKS": ["list", "grid"],
  "wiki.options.APP_VIEWS_BOOKSHELVES": ["list", "grid"],
  "wiki.options.APP_VIEWS_BOOKSHELF": ["list", "grid"],
  "wiki.options.EXPORT_PAGE_SIZE": ["a4", "letter"],
  "wiki.options.REVISION_LIMIT": [1, 100_000, false],
  "wiki.options.RECYCLE_BIN_LIFETIME": [-1, 0, 30],
  "wiki.options.API_DEFAULT_ITEM_COUNT": [1, 100],
  "wiki.options.API_MAX_ITEM_COUNT": [100, 500],
  "wiki.options.API_REQUESTS_PER_MIN": [1, 180],
  "wiki.options.IP_ADDRESS_PRECISION": [0, 4],
  "wiki.options.ALLOW_ROBOTS": [true, false],
  "database.version": ["8.4", "8.0"],
  "database.bufferPool": ["64M", "256MB"],
  "database.slowQuery": ["1ms", "1m30s", "1.5s"],
  "database.memory": ["1G", "200G"],
  "database.cpus": [2, 4],
  "database.external.port": [3306, 25_060],
  "database.external.admin": ["admin", "doadmin"],
  "database.external.ca": [AUTHORITY],
  "database.external.host": ["wiki-db.example.com"],
  "backup.at": ["02:00", "23:59"],
  "backup.keep": [1, 10, 1000],
  "backup.drill": ["Sunday 04:00"],
  "backup.check": ["Monday 23:59"],
  "backup.remotes": [
    [],
    [{ name: "a", kind: "s3", endpoint: "https://s3.example.com", bucket: "b" }],
    [
      { name: "cold", kind: "b2", region: "us-west-004", bucket: "b", prefix: "a/b" },
      { name: "nas", kind: "rclone", path: "nas:backups" },
    ],
  ],
  "backup.remoteKeep.last": [1, 10],
  "backup.remoteKeep.daily": [0, 7],
  "backup.remoteKeep.weekly": [0, 5],
  "backup.remoteKeep.monthly": [0, 12],
  "backup.memory": ["512M", "1G"],
  "backup.cpus": [0.1, 1],
  "images.backup": ["registry.example.com/backup:8.4-0.19.1"],
  "images.link": ["registry.example.com/link:8.4.11"],
  "images.traefik": ["traefik:v3.7.11", "registry.example.com:5000/traefik:v3.7.11"],
  "images.crowdsec": ["registry.example.com/crowdsec:v1.7.8"],
  "images.bookstack": [`bookstack@sha256:${"0".repeat(64)}`],
  "mail.tls": [true, true, true, true, false],
  "mail.fromName": ["BookStack", "Wiki é", 'The "Wiki" & ${x} #1'],
  "mail.ca": [AUTHORITY, `${AUTHORITY}\n${AUTHORITY}`],
  "mail.helo": ["wiki.example.com"],
  "wiki.webhooks": [["hooks.example.com"], [], ["hooks.example.com", "chat.example.com:8443"]],
  "wiki.webhookCa": [AUTHORITY],
  "monitoring.enabled": [true, false],
  "monitoring.interval": ["15s", "1m"],
  "monitoring.retentionDays": [1, 15, 3650],
  "monitoring.retentionSize": ["128M", "2G"],
  "monitoring.dockerRoot": ["/var/lib/docker", "/data/docker"],
  ...Object.fromEntries(
    ["prometheus", "alertmanager", "grafana", "nodeExporter", "mysqldExporter", "containerMetrics"].flatMap((part) => [
      [`monitoring.${part}.memory`, ["128M", "1G"]],
      [`monitoring.${part}.cpus`, [0.1, 1, 64]],
    ]),
  ),
  "alerts.email": ["ops@example.com"],
  "alerts.webhook": [true, false],
  "alerts.deadMan": [true, false],
  "alerts.pending": ["5m", "1s"],
  "alerts.window": ["10m", "2m"],
  "alerts.groupInterval": ["5m"],
  "alerts.repeat": ["4h"],
  ...Object.fromEntries(
    ["cpuPercent", "memoryPercent", "swapPercent", "diskPercent", "diskHours", "clockMs", "restarts", "connectionsPercent", "slowQueries"].map((key) => [
      `alerts.thresholds.${key}`,
      [1, 90, 100],
    ]),
  ),
  ...Object.fromEntries(
    ["errorPercent", "failedLogins", "bans", "firewallBlocks", "certificateDays", "backupHours", "drillDays"].map((key) => [
      `alerts.thresholds.${key}`,
      [25, 90, 100],
    ]),
  ),
  "alerts.thresholds.queryTime": ["200ms", "1s"],
  "alerts.thresholds.replicationLag": ["1m"],
  "alerts.thresholds.responseTime": ["2s", "500ms"],
  "images.prometheus": ["prom/prometheus:v3.14.0"],
  "images.alertmanager": ["prom/alertmanager:v0.33.1"],
  "images.grafana": ["grafana/grafana:12.4.12"],
  "images.nodeExporter": ["prom/node-exporter:v1.12.1"],
  "images.mysqldExporter": ["prom/mysqld-exporter:v0.20.0"],
  "images.mysql": [`mysql@sha256:${"a".repeat(64)}`],
};
const GOOD_TEXTS = Object.values(GOOD_VALUES).flat();

/** A value in one of the ways in which YAML can be written. */
function written(value: unknown): Arbitrary<string> {
  return fc.constantFrom(...STYLES).map((style) => style(value));
}

const STYLES: readonly ((value: unknown) => string)[] = [
  (value) => stringify(value),
  (value) => stringify(value, { collectionStyle: "flow" }),
  (value) => stringify(value, { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "QUOTE_SINGLE", indent: 4 }),
  (value) => stringify(value).replaceAll("\n", "\r\n"),
  (value) => JSON.stringify(value),
];

/** (c) The two real files with some lines and characters changed. */
export function changedFile(): Arbitrary<string> {
  const change = fc.tuple(fc.constantFrom(...CHANGES), fc.nat(), fc.nat(), fc.constantFrom(...SIGNS));
  return fc
    .tuple(fc.constantFrom(...FILES), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([file, changes]) => changes.reduce((text, [apply, first, second, sign]) => apply(text, first, second, sign), file));
}

type Change = (text: string, first: number, second: number, sign: string) => string;

const CHANGES: readonly Change[] = [
  // a line less, twice, in another place, indented by more or less
  onLines((lines, first) => lines.toSpliced(first, 1)),
  onLines((lines, first) => lines.toSpliced(first, 0, lines[first] ?? "")),
  onLines((lines, first, second) => lines.with(first, lines[second] ?? "").with(second, lines[first] ?? "")),
  onLines((lines, first, second) => lines.toSpliced(second, 0, lines[first] ?? "")),
  onLines((lines, first) => lines.with(first, ` ${lines[first]}`)),
  onLines((lines, first) => lines.with(first, (lines[first] ?? "").replace(/^#? /, ""))),
  // a character less, another, one more, the end cut off
  (text, first) => spliced(text, first % text.length, ""),
  (text, first, _, sign) => spliced(text, first % text.length, sign),
  (text, first, _, sign) => `${text.slice(0, first % text.length)}${sign}${text.slice(first % text.length)}`,
  (text, first) => spliced(text, first % text.length, String.fromCharCode((text.charCodeAt(first % text.length) ^ (1 << (first % 7))) & 0xff)),
  (text, first) => text.slice(0, first % text.length),
];

function onLines(change: (lines: readonly string[], first: number, second: number) => readonly string[]): Change {
  return (text, first, second) => {
    const lines = text.split("\n");
    return change(lines, first % lines.length, second % lines.length).join("\n");
  };
}
