import { parseEnvironment } from "../../../lib/environment/load";
import { localEnvironment } from "../../support/example";
import { plain } from "./plain";

const USERS = "users: [{ name: alice, displayName: Alice, email: alice@example.com }]\n";
const REST = `domain: wiki.example.com\n${USERS}wiki: { admin: { email: admin@example.com } }\n`;

/** What an environment of three lines has. */
const DEFAULTS = {
  name: "good",
  domain: "wiki.example.com",
  timezone: "UTC",
  production: false,
  docker: { host: "unix:///var/run/docker.sock" },
  state: { backend: "local" },
  providers: { docker: 3 },
  secrets: { variables: false, version: 1 },
  tls: { issuer: "local", staging: false, challenge: { provider: "cloudflare", checks: "all" }, hstsPreload: false },
  access: {},
  dns: { provider: "none", proxied: false, wildcard: false },
  ports: { address: "0.0.0.0", http: 80, https: 443 },
  networks: { proxy: "172.30.10.0/24", backend: "172.30.20.0/24", database: "172.30.30.0/24" },
  protectData: true,
  traefik: {
    memory: "256M",
    cpus: 1,
    rateLimit: { perMinute: 100, burst: 50, signedIn: { perMinute: 300, burst: 150 }, api: { perMinute: 200, burst: 100 } },
  },
  authelia: { memory: "512M", cpus: 1 },
  users: [{ name: "alice", previousNames: [], displayName: "Alice", email: "alice@example.com", groups: [] }],
  signOn: { session: "1h0m0s", inactivity: "1h0m0s", tries: 5, banTime: "10m0s", breakGlass: false },
  crowdsec: { appsec: false, community: false, memory: "512M", cpus: 1 },
  wiki: { admin: { email: "admin@example.com", name: "Administrator" }, language: "en", uploadLimit: "50M", memory: "768M", timeLimit: "5m0s", cpus: 2 },
  database: { version: "8.4", bufferPool: "256M", slowQuery: "1s", memory: "1G", cpus: 2 },
  backup: {
    at: "02:00",
    keep: 10,
    drill: "Sunday 04:00",
    check: "Saturday 04:00",
    remoteKeep: { last: 10, daily: 7, weekly: 5, monthly: 12 },
    memory: "768M",
    cpus: 1,
  },
  monitoring: {
    enabled: true,
    interval: "15s",
    retentionDays: 15,
    retentionSize: "2G",
    dockerRoot: "/var/lib/docker",
    prometheus: { memory: "512M", cpus: 1 },
    alertmanager: { memory: "128M", cpus: 1 },
    grafana: { memory: "512M", cpus: 1 },
    nodeExporter: { memory: "64M", cpus: 1 },
    mysqldExporter: { memory: "64M", cpus: 1 },
    containerMetrics: { memory: "64M", cpus: 1 },
  },
  alerts: {
    webhook: false,
    deadMan: false,
    pending: "5m0s",
    window: "10m0s",
    groupInterval: "5m0s",
    repeat: "4h0m0s",
    thresholds: {
      cpuPercent: 90,
      memoryPercent: 90,
      swapPercent: 50,
      diskPercent: 90,
      diskHours: 24,
      clockMs: 100,
      restarts: 3,
      connectionsPercent: 80,
      slowQueries: 20,
      queryTime: "200ms",
      replicationLag: "1m0s",
      responseTime: "2s",
      errorPercent: 5,
      failedLogins: 20,
      bans: 20,
      firewallBlocks: 2000,
      certificateDays: 14,
      backupHours: 26,
      drillDays: 8,
    },
  },
  images: {},
};

function read(text: string) {
  return plain(parseEnvironment("good", text, "environments/good.yaml"));
}

test("an environment of three lines has every default", () => {
  expect(read(REST)).toEqual(DEFAULTS);
});

test("the embedded default is for this machine", () => {
  expect(plain(localEnvironment())).toEqual({
    ...DEFAULTS,
    name: "local",
    domain: "wiki.localhost",
    ports: { address: "127.0.0.1", http: 80, https: 443 },
    protectData: false,
    users: [{ name: "demo", previousNames: [], displayName: "Demo", email: "demo@wiki.localhost", groups: ["admin"] }],
    wiki: { ...DEFAULTS.wiki, admin: { email: "admin@wiki.localhost", name: "Administrator" } },
  });
});

describe("the same environment, written otherwise", () => {
  test.each([
    [
      "in JSON",
      '{ "domain": "wiki.example.com", "users": [{ "name": "alice", "displayName": "Alice", "email": "alice@example.com" }], "wiki": { "admin": { "email": "admin@example.com" } } }',
    ],
    [
      "in quotes",
      "\"domain\": 'wiki.example.com'\n'users':\n  - name: 'alice'\n    \"displayName\": \"Alice\"\n    email: 'alice@example.com'\n'wiki':\n  admin:\n    email: \"admin@example.com\"\n",
    ],
    [
      "with comments and empty lines",
      `# first\n\ndomain: wiki.example.com # served below it\n\n${USERS}# of the wiki\nwiki:\n  # the first one\n  admin:\n    email: admin@example.com\n`,
    ],
    ["with a document mark and an end", `---\n${REST}...\n`],
    ["with its version of YAML", `%YAML 1.2\n---\n${REST}`],
    ["with line ends of Windows", REST.replaceAll("\n", "\r\n")],
    ["with a byte order mark", `\uFEFF${REST}`],
    ["without a line end at the end", REST.trimEnd()],
    ["in another order", `wiki: { admin: { email: admin@example.com } }\n${USERS}domain: wiki.example.com\n`],
    ["with a text over two lines", `domain: >-\n  wiki.example.com\n${USERS}wiki:\n  admin:\n    email:\n      admin@example.com\n`],
    ["with anchors that nothing refers to", `domain: &domain wiki.example.com\n${USERS}wiki: &wiki\n  admin: { email: admin@example.com }\n`],
    ["with tags that every YAML has", `domain: !!str wiki.example.com\n${USERS}wiki: !!map { admin: { email: admin@example.com } }\n`],
    [
      "with empty blocks",
      `${REST}docker: {}\nstate: {}\nsecrets: {}\ntls: {}\naccess: {}\ndns: {}\nports: {}\nnetworks: {}\ntraefik: {}\nauthelia: {}\nsignOn: {}\ncrowdsec: {}\ndatabase: {}\nbackup: {}\nimages: {}\n`,
    ],
    ["with a schema for editors", `$schema: schema.json\n${REST}`],
  ])("%s", (_, text) => {
    expect(read(text)).toEqual({ ...DEFAULTS, ...(text.startsWith("$schema") ? { $schema: "schema.json" } : {}) });
  });
});

test("an alias has the value of its anchor", () => {
  expect(read(`${REST}traefik: &limits { memory: 1G, cpus: 3 }\ndatabase:\n  bufferPool: &size 512M\n  memory: 1G\n  cpus: 2\n`)).toMatchObject({
    traefik: { memory: "1G", cpus: 3 },
    database: { bufferPool: "512M" },
  });
  expect(
    read(`domain: wiki.example.com\n${USERS}wiki:\n  admin: { email: admin@example.com }\n  memory: &memory 1G\ntraefik: { memory: *memory }\n`),
  ).toMatchObject({
    traefik: { memory: "1G" },
  });
});

/** What else a block has to say, or the key would have no effect. */
const NEEDED: Readonly<Record<string, readonly [key: string, value: string]>> = {
  "docker.hostKey": ["host", '"ssh://deploy@203.0.113.10"'],
  "docker.certificates": ["host", '"tcp://203.0.113.10:2376"'],
  "secrets.version": ["variables", "true"],
  "tls.staging": ["issuer", "letsencrypt, email: ops@example.com"],
};

/** `key: value` of a path, such as `{ ports: { http: 8081 } }`, in the one-line form of YAML. */
function fileWith(path: string, written: string): string {
  const nested = (keys: readonly string[]): string => (keys.length === 0 ? written : `{ ${keys[0]}: ${nested(keys.slice(1))} }`);
  const [first = "", ...rest] = path.split(".");
  if (first === "domain") return `domain: ${written}\n${USERS}wiki: { admin: { email: admin@example.com } }\n`;
  if (first === "wiki") return fileWithWiki(rest, written);
  const [needed, value = ""] = NEEDED[path] ?? [];
  if (needed !== undefined) return `${REST}${first}: { ${needed}: ${value}, ${rest[0]}: ${written} }\n`;
  return `${REST}${first}: ${nested(rest)}\n`;
}

function fileWithWiki([key = "", inner]: readonly string[], written: string): string {
  if (key !== "admin") return `domain: wiki.example.com\n${USERS}wiki: { admin: { email: admin@example.com }, ${key}: ${written} }\n`;
  const admin = inner === "email" ? `email: ${written}` : `email: admin@example.com, ${inner}: ${written}`;
  return `domain: wiki.example.com\n${USERS}wiki: { admin: { ${admin} } }\n`;
}

/** Path, how the value is written, and what it is read as: each form at least once. */
const FORMS: readonly [path: string, written: string, value: unknown][] = [
  ["domain", "wiki.localhost", "wiki.localhost"],
  ["domain", "a.b", "a.b"],
  ["domain", "xn--bcher-kva.example", "xn--bcher-kva.example"],
  ["domain", "1-2.3com", "1-2.3com"],
  ["domain", `${"w".repeat(63)}.example.com`, `${"w".repeat(63)}.example.com`],
  ["timezone", "UTC", "UTC"],
  ["timezone", "Etc/UTC", "Etc/UTC"],
  ["timezone", "Etc/GMT+1", "Etc/GMT+1"],
  ["timezone", "America/Port-au-Prince", "America/Port-au-Prince"],
  ["timezone", "America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"],
  ["timezone", "US/Eastern", "US/Eastern"],
  ["timezone", "Europe/Kyiv", "Europe/Kyiv"],
  ["timezone", "Europe/Kiev", "Europe/Kiev"],
  ["timezone", "EST5EDT", "EST5EDT"],
  ["docker.host", "unix:///run/user/1000/docker.sock", "unix:///run/user/1000/docker.sock"],
  ["docker.host", "ssh://deploy@203.0.113.10", "ssh://deploy@203.0.113.10"],
  ["docker.host", "ssh://deploy@docker.example.com:2222", "ssh://deploy@docker.example.com:2222"],
  ["docker.host", "tcp://docker.example.com:2376", "tcp://docker.example.com:2376"],
  [
    "docker.hostKey",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw",
  ],
  [
    "docker.hostKey",
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=",
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=",
  ],
  ["docker.certificates", "/etc/docker/client", "/etc/docker/client"],
  ["production", "true", true],
  ["secrets.variables", "true", true],
  ["secrets.version", "7", 7],
  ["state.backend", "local", "local"],
  ["tls.issuer", "'local'", "local"],
  ["ports.address", "127.0.0.1", "127.0.0.1"],
  ["ports.address", "203.0.113.255", "203.0.113.255"],
  ["ports.ipv6", '"::"', "::"],
  ["ports.ipv6", '"2001:DB8:0:0::10"', "2001:db8::10"],
  ["ports.public", "8443", 8443],
  ["ports.http", "1", 1],
  ["ports.http", "65535", 65_535],
  ["ports.http", "0x1F91", 8081],
  ["ports.http", "8.081e3", 8081],
  ["ports.https", "8443", 8443],
  ["networks.proxy", "10.0.0.0/16", "10.0.0.0/16"],
  ["networks.backend", "192.168.255.224/27", "192.168.255.224/27"],
  ["networks.database", "172.16.0.0/24", "172.16.0.0/24"],
  ["protectData", "false", false],
  ["protectData", "True", true],
  ["protectData", "FALSE", false],
  ["traefik.memory", "64M", "64M"],
  ["traefik.memory", "65536K", "64M"],
  ["monitoring.retentionSize", "1t", "1T"],
  ["traefik.memory", "2GiB", "2G"],
  ["traefik.memory", "2gb", "2G"],
  ["traefik.cpus", "0.1", 0.1],
  ["traefik.cpus", "64", 64],
  ["traefik.rateLimit.perMinute", "10", 10],
  ["traefik.rateLimit.perMinute", "60000", 60_000],
  ["traefik.rateLimit.burst", "1000", 1000],
  ["traefik.rateLimit.signedIn.burst", "10000", 10_000],
  ["traefik.rateLimit.api.perMinute", "10", 10],
  ["traefik.cpus", ".5", 0.5],
  ["access.proxies", "[192.0.2.0/24, '2001:db8::/32']", ["192.0.2.0/24", "2001:db8::/32"]],
  ["access.proxies", "[]", []],
  ["access.trusted", "[198.51.100.7/32]", ["198.51.100.7/32"]],
  ["dns.ipv4", "203.0.113.10", "203.0.113.10"],
  ["dns.proxied", "true", true],
  ["tls.issuer", "files", "files"],
  ["tls.staging", "true", true],
  ["tls.hstsPreload", "true", true],
  ["authelia.memory", "256M", "256M"],
  ["authelia.cpus", "2", 2],
  ["signOn.session", "8h", "8h0m0s"],
  ["signOn.inactivity", "1s", "1s"],
  ["signOn.tries", "100", 100],
  ["signOn.banTime", "1h30m", "1h30m0s"],
  ["signOn.breakGlass", "true", true],
  ["crowdsec.appsec", "true", true],
  ["crowdsec.community", "true", true],
  ["crowdsec.hostLog", "/var/log/auth.log", "/var/log/auth.log"],
  ["crowdsec.memory", "256M", "256M"],
  ["crowdsec.cpus", "0.5", 0.5],
  ["wiki.admin.email", "first.last+wiki@mail.example.com", "first.last+wiki@mail.example.com"],
  ["wiki.admin.email", "admin@localhost", "admin@localhost"],
  ["wiki.admin.name", '"  Élodie 山田 🦊 "', "Élodie 山田 🦊"],
  ["wiki.admin.name", '"42"', "42"],
  ["wiki.admin.name", "n".repeat(100), "n".repeat(100)],
  ["wiki.language", "fr", "fr"],
  ["wiki.language", "pt_BR", "pt_BR"],
  ["wiki.language", "de_informal", "de_informal"],
  ["wiki.uploadLimit", "1M", "1M"],
  ["wiki.uploadLimit", "1024K", "1M"],
  ["wiki.uploads", "{ path: /mnt/wiki }", { path: "/mnt/wiki" }],
  ["wiki.uploads", "{ path: /data }", { path: "/data" }],
  ["wiki.memory", "256M", "256M"],
  ["wiki.cpus", "1.5", 1.5],
  ["database.version", '"8.0"', "8.0"],
  ["database.version", "'8.4'", "8.4"],
  ["database.bufferPool", "64M", "64M"],
  ["database.bufferPool", "512M", "512M"],
  ["database.slowQuery", "1ms", "1ms"],
  ["database.slowQuery", "90s", "1m30s"],
  ["database.slowQuery", "1m30s", "1m30s"],
  ["database.slowQuery", "1h", "1h0m0s"],
  ["database.memory", "768M", "768M"],
  ["database.cpus", "2.0", 2],
  ["images.authelia", "authelia/authelia:4.39.20", "authelia/authelia:4.39.20"],
  ["images.traefik", "traefik:v3.7.11", "traefik:v3.7.11"],
  ["images.crowdsec", "registry.example.com/crowdsec:v1.7.8", "registry.example.com/crowdsec:v1.7.8"],
  ["images.bookstack", "registry.example.com:5000/wiki/bookstack:26.5.1", "registry.example.com:5000/wiki/bookstack:26.5.1"],
  ["images.mysql", `mysql@sha256:${"0a".repeat(32)}`, `mysql@sha256:${"0a".repeat(32)}`],
  ["images.mysql", `mysql:8.4.11@sha256:${"0a".repeat(32)}`, `mysql:8.4.11@sha256:${"0a".repeat(32)}`],
];

describe("every form of a value", () => {
  test.each(FORMS)("%s: %s", (path, written, value) => {
    expect(read(fileWith(path, written))).toHaveProperty(path.split("."), value);
  });
});

test("another DNS provider has its secrets by name, and its other variables as they are", () => {
  const challenge =
    "{ provider: rfc2136, secrets: [DNSUPDATE_TSIG_SECRET, DNSUPDATE_TSIG_FILE], variables: ['DNSUPDATE_NAMESERVER=10.0.0.1:53'], resolvers: ['[2620:fe::fe]:5353'], delay: 1m30s, checks: resolvers }";
  expect(read(`${REST}tls: { issuer: letsencrypt, email: ops@example.com, challenge: ${challenge} }\n`)).toHaveProperty("tls.challenge", {
    provider: "rfc2136",
    secrets: ["DNSUPDATE_TSIG_SECRET", "DNSUPDATE_TSIG_FILE"],
    variables: [{ name: "DNSUPDATE_NAMESERVER", value: "10.0.0.1:53" }],
    resolvers: ["[2620:fe::fe]:5353"],
    delay: "1m30s",
    checks: "resolvers",
  });
});

describe("addresses", () => {
  test("DNS records may have an IPv6 address on which the wiki listens, or that of a proxy in front", () => {
    const names = `dns: { ipv6: '2001:db8::10' }\n`;
    expect(read(`${REST}${names}ports: { ipv6: '::' }\n`)).toMatchObject({ dns: { ipv6: "2001:db8::10" }, ports: { ipv6: "::" } });
    expect(read(`${REST}${names}ports: { https: 8443, public: 443 }\n`)).toMatchObject({ dns: { ipv6: "2001:db8::10" } });
  });

  test("a proxy on the same host is named by the gateway of the network, alone or within a range", () => {
    const ports = "ports: { address: 127.0.0.1, http: 8081, https: 8443, public: 443 }\n";
    for (const range of ["172.30.10.1/32", "172.30.10.0/24", "172.16.0.0/12"])
      expect(read(`${REST}${ports}access: { proxies: [${range}] }\n`)).toHaveProperty("ports.public", 443);
  });
});

describe("what people and mail leave out", () => {
  test("each person may be in several groups, and in none", () => {
    const people = "[{ name: bob_2, displayName: ' Bob ', email: bob@example.com, groups: [admin, book-keepers] }, { name: c, displayName: C, email: c@c.c }]";
    expect(read(`domain: wiki.example.com\nusers: ${people}\nwiki: { admin: { email: admin@example.com } }\n`)).toMatchObject({
      users: [
        { name: "bob_2", displayName: "Bob", email: "bob@example.com", groups: ["admin", "book-keepers"] },
        { name: "c", displayName: "C", email: "c@c.c", groups: [] },
      ],
    });
  });

  test("a renamed user may have had several names", () => {
    const people = "[{ name: bob, previousNames: [bob_2, robert], displayName: Bob, email: bob@example.com }]";
    expect(read(`domain: wiki.example.com\nusers: ${people}\nwiki: { admin: { email: admin@example.com } }\n`)).toMatchObject({
      users: [{ name: "bob", previousNames: ["bob_2", "robert"] }],
    });
  });

  test("mail has a port, and no account unless one is given", () => {
    const mail = { host: "smtp.example.com", from: "wiki@example.com", fromName: "BookStack" };
    expect(read(`${REST}mail: { host: smtp.example.com, from: wiki@example.com }\n`)).toEqual({ ...DEFAULTS, mail: { ...mail, port: 587, tls: true } });
    expect(read(`${REST}mail: { host: smtp.example.com, from: wiki@example.com, port: 465, user: wiki }\n`)).toEqual({
      ...DEFAULTS,
      mail: { ...mail, port: 465, user: "wiki", tls: true },
    });
  });

  test("webhooks are servers with a port", () => {
    const written = REST.replace("admin: {", 'webhooks: [hooks.example.com, "chat.example.com:8443"], admin: {');
    expect(read(written)).toHaveProperty("wiki.webhooks", ["hooks.example.com:443", "chat.example.com:8443"]);
  });

  test("a webhook may have port 465 beside a mail server that names itself in TLS, and the host of one at another port", () => {
    const mail = "mail: { host: smtp.example.com, from: wiki@example.com, port: 465 }\n";
    const written = REST.replace("admin: {", 'webhooks: ["hooks.example.com:465", smtp.example.com], admin: {');
    expect(read(`${written}${mail}`)).toHaveProperty("wiki.webhooks", ["hooks.example.com:465", "smtp.example.com:443"]);
  });
});
