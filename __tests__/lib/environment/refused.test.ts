import { ConfigurationError } from "../../../constructs/core/errors";
import { parseEnvironment } from "../../../lib/environment/load";

const USERS = "users: [{ name: alice, displayName: Alice, email: alice@example.com, groups: [admin] }]\n";
const WIKI = `wiki: { admin: { email: admin@example.com } }\n${USERS}`;
const REST = `domain: wiki.example.com\n${WIKI}`;
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw";
const REMOTE = 'docker: { host: "ssh://deploy@203.0.113.10" }\n';

function problems(text: string): readonly string[] {
  try {
    parseEnvironment("refused", text, "refused.yaml");
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

type Case = readonly [text: string, problem: string];

function refuses(cases: readonly Case[]): void {
  test.each(cases)("%s", (text, problem) => {
    expect(problems(REST + text)).toEqual([`line 4: ${problem}`]);
  });
}

describe("absurd sizes and times", () => {
  refuses([
    ["traefik: { memory: 1M }\n", 'traefik.memory: "1M" is too little; give 64M or more'],
    ["traefik: { memory: 900G }\n", 'traefik.memory: "900G" is too much; give 256G or less'],
    ["database: { memory: 1T }\n", 'database.memory: "1T" is too much; give 256G or less'],
    ["monitoring: { retentionSize: 100T }\n", 'monitoring.retentionSize: "100T" is too much; give 10T or less'],
    ["monitoring: { retentionDays: 0 }\n", "monitoring.retentionDays must be a whole number from 1 to 3650, got 0"],
    ["monitoring: { interval: 1ms }\n", 'monitoring.interval: "1ms" is too short; give 1s or more'],
    ["monitoring: { interval: 87600h }\n", 'monitoring.interval: "87600h" is too long; give 4m or less'],
    ["signOn: { session: 99999999h, inactivity: 1h }\n", 'signOn.session: "99999999h" is too long; give 8760h or less'],
    [
      "alerts: { email: a@example.com, repeat: 8760h }\nmail: { host: smtp.example.com, from: a@example.com }\n",
      'alerts.repeat: "8760h" is too long; give 120h or less',
    ],
    ["alerts: { thresholds: { backupHours: 24 } }\n", "alerts.thresholds.backupHours must be a whole number from 25 to 10000, got 24"],
    ["alerts: { thresholds: { drillDays: 7 } }\n", "alerts.thresholds.drillDays must be a whole number from 8 to 10000, got 7"],
    ['backup: { at: "25:00" }\n', 'backup.at: "25:00" is no time of day; write it like 02:00'],
    ['backup: { drill: "Feb 30 04:00" }\n', 'backup.drill: "Feb 30 04:00" is no time of a week; write it like Sunday 04:00'],
  ]);

  test("wiki.uploadLimit", () => {
    expect(problems(`domain: wiki.example.com\n${USERS}wiki: { admin: { email: admin@example.com }, uploadLimit: 100T }\n`)).toEqual([
      'line 3: wiki.uploadLimit: "100T" is too much; give 10G or less',
    ]);
  });
});

describe("names that no authority signs", () => {
  const LETSENCRYPT = "tls: { issuer: letsencrypt, email: ops@example.com }\n";

  test.each(["local", "localhost", "internal", "lan", "test", "home.arpa", "corp", "home", "onion"])("wiki.%s", (ending) => {
    expect(problems(`domain: wiki.${ending}\n${WIKI}${LETSENCRYPT}`)).toEqual([
      `line 4: tls.issuer: Let's Encrypt signs no certificate for wiki.${ending}: names that end in .${ending} are private; use local or files, or another domain`,
    ]);
    expect(problems(`domain: wiki.${ending}\n${WIKI}`)).toEqual([]);
  });

  test.each(["wiki", "203.0.113.10", "2001:db8::10"])("%s is no domain, for any issuer", (domain) => {
    expect(problems(`domain: "${domain}"\n${WIKI}`)).toEqual([`line 1: domain: "${domain}" is no domain; write it like wiki.example.com, in lower case`]);
  });

  test("an account at Let's Encrypt whose address receives no mail", () => {
    expect(problems(`${REST}tls: { issuer: letsencrypt, email: ops@wiki.local }\n`)).toEqual([
      'line 4: tls.email: "ops@wiki.local" is refused by Let\'s Encrypt: names that end in .local are private; give an address that receives mail',
    ]);
  });

  test("a zone at Cloudflare", () => {
    expect(problems(`domain: wiki.lan\n${WIKI}dns: { provider: cloudflare, zone: wiki.lan, ipv4: 203.0.113.10 }\n`)).toEqual([
      "line 4: dns.provider: cloudflare holds no zone for wiki.lan: names that end in .lan are private; use none, or another domain",
    ]);
  });
});

describe("ports on which something else listens", () => {
  refuses([
    ["ports: { http: 80, https: 80 }\n", "ports.https: 80 is also the port of http; use different ports"],
    ["ports: { http: 22 }\nhost: {}\n", "ports.http: 22 is the port of SSH on the Docker host; choose another"],
    [`ports: { https: 22 }\n${REMOTE}`, "ports.https: 22 is the port of SSH on the Docker host; choose another"],
    [
      `ports: { https: 2222 }\ndocker: { host: "ssh://deploy@203.0.113.10:2222" }\nhost: { ssh: { address: 203.0.113.10, port: 2222, hostKeys: [${KEY}] } }\n`,
      "ports.https: 2222 is the port of SSH on the Docker host; choose another",
    ],
    ['ports: { https: 2376 }\ndocker: { host: "tcp://203.0.113.10:2376" }\n', "ports.https: 2376 is the port of docker.host; choose another"],
    [
      "ports: { http: 3000 }\n",
      "ports.http: 3000 is a port of the monitoring (3000 and 9100), which listens on the Docker host, too; choose another, or name one address in ports.address",
    ],
    ["ports: { http: 0 }\n", "ports.http must be a whole number from 1 to 65535, got 0"],
    ["ports: { https: 65536 }\n", "ports.https must be a whole number from 1 to 65535, got 65536"],
  ]);

  test.each([
    "ports: { http: 3000, address: 127.0.0.1 }\n",
    "ports: { http: 9100 }\nmonitoring: { enabled: false }\n",
    "ports: { http: 22 }\n",
    'ports: { https: 22 }\ndocker: { host: "ssh://deploy@203.0.113.10:2222" }\n',
  ])("not %j", (text) => {
    expect(problems(REST + text)).toEqual([]);
  });
});

describe("paths that would show a container what it may not see", () => {
  test.each([
    "/etc/shadow",
    "/proc/self/environ",
    "/root/.ssh/id_ed25519",
    "/var/auth.log",
    "/var/lib/docker/auth.log",
    "/run/docker.sock",
    "/home/me/auth.log",
    "/dev/kmsg",
  ])("crowdsec.hostLog: %s", (path) => {
    expect(problems(`${REST}crowdsec: { hostLog: ${path} }\n`)).toEqual([
      `line 4: crowdsec.hostLog: "${path}" would show a container all of ${path.replace(/\/[^/]*$/, "")}; name a log in a directory of logs, such as /var/log/auth.log`,
    ]);
  });

  test.each(["/", "/auth.log", "var/log/auth.log", "/var/log/../lib/x"])("crowdsec.hostLog: %s", (path) => {
    expect(problems(`${REST}crowdsec: { hostLog: ${path} }\n`)).toEqual([
      `line 4: crowdsec.hostLog: "${path}" is no absolute path of a file; write it like /var/log/auth.log`,
    ]);
  });

  test.each(["/etc", "/etc/docker", "/proc", "/", "/var", "/var/lib", "/usr/lib", "/home"])("monitoring.dockerRoot: %s", (path) => {
    expect(problems(`${REST}monitoring: { dockerRoot: ${path} }\n`)).toEqual([
      expect.stringMatching(/^line 4: monitoring\.dockerRoot: .*; write .*\/var\/lib\/docker/),
    ]);
  });

  test.each(["/docker", "/srv/docker/data", "/home/me/.local/share/docker", "/mnt/data"])("not monitoring.dockerRoot: %s", (path) => {
    expect(problems(`${REST}monitoring: { dockerRoot: ${path} }\n`)).toEqual([]);
  });

  test.each(["/var/log/auth.log", "/srv/log/auth.log", "/var/log/remote/auth.log"])("not crowdsec.hostLog: %s", (path) => {
    expect(problems(`${REST}crowdsec: { hostLog: ${path} }\n`)).toEqual([]);
  });
});

describe("ranges that cover the world", () => {
  const WORLD = Array.from({ length: 20 }, (_, first) => `${first + 1}.0.0.0/8`);
  refuses([
    ["access: { trusted: [0.0.0.0/0] }\n", 'access.trusted.0: "0.0.0.0/0" is every address; list only those that you mean'],
    ['access: { trusted: ["::/0"] }\n', 'access.trusted.0: "::/0" is every address; list only those that you mean'],
    ['access: { trusted: ["::ffff:0.0.0.0/96"] }\n', 'access.trusted.0: "::ffff:0.0.0.0/96" is IPv4 in the form of IPv6; write it like 192.0.2.0/24'],
    [
      `access: { trusted: [${WORLD.join(", ")}] }\n`,
      "access.trusted: together the ranges are a large part of the internet; give only the ranges that you need",
    ],
    ["access: { trusted: [10.0.0.0/7] }\n", 'access.trusted.0: "10.0.0.0/7" is a large part of the internet; list only the addresses that you mean'],
  ]);

  test("not all private networks at once", () => {
    expect(problems(`${REST}access: { trusted: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, "fd00::/16"] }\n`)).toEqual([]);
  });
});

describe("unreachable addresses", () => {
  refuses([
    [
      "ports: { address: 255.255.255.255 }\n",
      'ports.address: "255.255.255.255" is an address that no machine has; write it like 127.0.0.1, or 0.0.0.0 for all',
    ],
    ["ports: { address: 224.0.0.1 }\n", 'ports.address: "224.0.0.1" is an address that no machine has; write it like 127.0.0.1, or 0.0.0.0 for all'],
    [
      "ports: { address: 172.30.20.1 }\n",
      "ports.address: 172.30.20.1 is within networks.backend 172.30.20.0/24, which is for containers; give that network another range",
    ],
    [
      'docker: { host: "ssh://deploy@172.30.10.7" }\n',
      "docker.host: 172.30.10.7 is within networks.proxy 172.30.10.0/24, which is for containers; give that network another range",
    ],
    ["dns: { ipv4: 127.0.0.1 }\n", "dns.ipv4: 127.0.0.1 is not reachable; give the address by which clients reach the wiki"],
    [
      "dns: { provider: cloudflare, zone: example.com, proxied: true, ipv4: 192.168.1.10 }\n",
      "dns.ipv4: 192.168.1.10 is not reachable from the internet, so Cloudflare cannot proxy it; give a public address, or set dns.proxied to false",
    ],
    [
      "tls: { issuer: letsencrypt, email: ops@example.com, challenge: { resolvers: [127.0.0.1] } }\n",
      'tls.challenge.resolvers.0: "127.0.0.1" is the container itself, where no DNS server is; write the address by which other machines reach it',
    ],
    [
      'backup: { remotes: [{ name: a, kind: s3, bucket: b, endpoint: "http://localhost:9000" }] }\n',
      'backup.remotes.0.endpoint: "http://localhost:9000" is the container itself, where no such server is; write the name by which other machines reach the server',
    ],
    [
      'backup: { remotes: [{ name: a, kind: s3, bucket: b, endpoint: "https://s3.example.com:99999" }] }\n',
      'backup.remotes.0.endpoint: "https://s3.example.com:99999" is no address of a server; write it like https://s3.example.com',
    ],
    [
      "mail: { host: auth.wiki.example.com, from: a@example.com }\n",
      'mail.host: "auth.wiki.example.com" is a host name of this wiki; set the name of another server for mail and webhooks',
    ],
  ]);

  test("a webhook to the wiki itself", () => {
    expect(problems(`domain: wiki.example.com\n${USERS}wiki: { admin: { email: admin@example.com }, webhooks: [grafana.wiki.example.com] }\n`)).toEqual([
      'line 3: wiki.webhooks.0: "grafana.wiki.example.com" is a host name of this wiki; set the name of another server for mail and webhooks',
    ]);
  });
});

test("a network of the applications without an address for each of them", () => {
  const networks = "networks: { backend: 192.168.1.16/28 }\n";
  expect(problems(`${REST}${networks}`)).toEqual(["line 4: networks.backend: 192.168.1.16/28 has no room for the monitoring; give /27 or more"]);
  expect(problems(`${REST}${networks}monitoring: { enabled: false }\n`)).toEqual([]);
});

describe("an image of another line than its configuration", () => {
  refuses([
    [
      "docker: { registryLogins: [docker.io] }\n",
      'docker.registryLogins.0: "docker.io" is Docker Hub, whose login Terraform\'s provider of Docker does not read; set images.mirrors to a mirror of Docker Hub',
    ],
    ["docker: { registryLogins: [ghcr.io, ghcr.io] }\n", 'docker.registryLogins.1: "ghcr.io" is there twice; take one out'],
    [
      "docker: { registryLogins: [registry] }\n",
      'docker.registryLogins.0: "registry" is no registry; write its host as in the name of an image, such as registry.example.com or registry.example.com:5000',
    ],
    ...(
      [
        ["{ docker.io: mirror.example.com/hub/ }", '"docker.io": "mirror.example.com/hub/" must not end with a slash; write it like mirror.example.com/hub'],
        [
          "{ docker.io: https://mirror.example.com }",
          '"docker.io": "https://mirror.example.com" must be without a scheme; write it like mirror.example.com/hub',
        ],
        ["{ docker.io: hub }", '"docker.io": "hub" must begin with the host of a registry; write it like mirror.example.com/hub'],
        [
          "{ docker.io: mirror.example.com/hub:1.0 }",
          '"docker.io": "mirror.example.com/hub:1.0" must be the host of a registry and a path of lower-case letters, without a tag; write it like mirror.example.com/hub',
        ],
        ["{ grafana: mirror.example.com }", 'grafana: "grafana" must begin with the host of a registry; write it like mirror.example.com/hub'],
        ["{ index.docker.io/grafana: mirror.example.com }", '"index.docker.io/grafana": "index.docker.io/grafana" is Docker Hub; write docker.io/grafana'],
      ] as const
    ).map(([block, problem]) => [`images: { mirrors: ${block} }\n`, `images.mirrors.${problem}`] as const),
    [
      "images: { mirrors: mirror.example.com }\n",
      'images.mirrors must be a block of keys such as { docker.io: mirror.example.com/hub }, got "mirror.example.com"',
    ],
    ["images: { mirrors: { docker.io: [a] } }\n", 'images.mirrors."docker.io" must be a text such as mirror.example.com/hub, got a list'],
    ["images: { mysql: mysql:8.0.40 }\n", 'images.mysql: "mysql:8.0.40" is of the line 8.0, but database.version is 8.4; name one line in both'],
    ["images: { mysql: postgres:16.1.2 }\n", 'images.mysql: "postgres:16.1.2" is of the line 16.1, but database.version is 8.4; name one line in both'],
  ]);

  test.each(["mysql:8.4.11", "registry.example.com:5000/mysql:8.4.11-oraclelinux9", "e2e/mysql:local", `mysql@sha256:${"a".repeat(64)}`])("not %s", (image) => {
    expect(problems(`${REST}images: { mysql: "${image}" }\n`)).toEqual([]);
  });
});

test("an origin with a port that does not exist", () => {
  const options = 'options: { ALLOWED_IFRAME_HOSTS: ["https://a.example.com:99999"] }';
  expect(problems(`domain: wiki.example.com\n${USERS}wiki: { admin: { email: admin@example.com }, ${options} }\n`)).toEqual([
    expect.stringContaining('wiki.options.ALLOWED_IFRAME_HOSTS.0: "https://a.example.com:99999" is no origin'),
  ]);
});
