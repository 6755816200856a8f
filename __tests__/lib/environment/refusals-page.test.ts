import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigurationError } from "../../../constructs/core/errors";
import { parseEnvironment } from "../../../lib/environment/load";

const PAGE = readFileSync(join(__dirname, "..", "..", "..", "docs", "refusals.md"), "utf8");
const USERS = "users: [{ name: alice, displayName: Alice, email: alice@example.com, groups: [admin] }]\n";
const ADMIN = "wiki: { admin: { email: admin@example.com } }\n";
const REST = `domain: wiki.example.com\n${ADMIN}${USERS}`;
const uploadsAt = (uploads: string) => `domain: wiki.example.com\n${USERS}wiki: { admin: { email: admin@example.com }, uploads: ${uploads} }\n`;

function refusal(text: string): string {
  try {
    parseEnvironment("page", text, "page.yaml");
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return "accepted";
}

/** Each statement of the page, and for each thing that it names a file that is refused for it. */
const STATEMENTS: Readonly<Record<string, readonly (readonly [text: string, problem: RegExp])[]>> = {
  "an unknown key (the message suggests the right one), a duplicate key, a value of another type or out of range": [
    [`${REST}timeZone: UTC\n`, /timeZone is not known; did you mean timezone\?/],
    [`${REST}timezone: UTC\ntimezone: UTC\n`, /timezone is already in line 4/],
    [`${REST}protectData: "yes"\n`, /must be true or false, got "yes"/],
    [`${REST}ports: { http: 0 }\n`, /must be a whole number from 1 to 65535, got 0/],
    [`${REST}traefik: { memory: 900G }\n`, /is too much; give 256G or less/],
    [`${REST}monitoring: { interval: 1ms }\n`, /is too short; give 1s or more/],
  ],
  "YAML 1.1, several documents, tabs as indentation, merge keys, text that is not UTF-8, control characters": [
    [`%YAML 1.1\n---\n${REST}`, /%YAML 1\.1 is not read/],
    [`${REST}---\n${REST}`, /a second document begins/],
    [`${REST}ports:\n\thttp: 80\n`, /a tab indents the line/],
    [`${REST}traefik: { <<: {} }\n`, /write the keys out that it merges/],
    [`${REST}# \u0000\n`, /a control character/],
  ],
  "a secret in the file: the message names its kind and does not show it": [
    [`${REST}mail: { host: smtp.example.com, from: a@example.com, password: ghp_${"a1".repeat(20)} }\n`, /mail\.password holds a GitHub token \(not shown\)/],
  ],
  "an image without an exact version, with a moving tag such as `latest`, or of another release series than `database.version`": [
    [`${REST}images: { traefik: traefik }\n`, /is no image|names no version/],
    [`${REST}images: { traefik: "traefik:latest" }\n`, /moves; name the exact tag/],
    [`${REST}images: { mysql: "mysql:8.0.40" }\n`, /is of the line 8\.0/],
  ],
  "no users, two users with the same name or e-mail address, a user with the address of the wiki's first administrator, BookStack's stock account `admin@admin.com`":
    [
      [`domain: wiki.example.com\n${ADMIN}users: []\n`, /the list is empty/],
      [
        `domain: wiki.example.com\n${ADMIN}users: [{ name: a, displayName: A, email: a@example.com }, { name: a, displayName: B, email: b@example.com }]\n`,
        /"a" is that of users\[0\] too/,
      ],
      [
        `domain: wiki.example.com\n${ADMIN}users: [{ name: a, displayName: A, email: a@example.com }, { name: b, displayName: B, email: a@example.com }]\n`,
        /"a@example\.com" is that of users\[0\] too/,
      ],
      [`domain: wiki.example.com\n${ADMIN}users: [{ name: a, displayName: A, email: admin@example.com }]\n`, /is that of wiki\.admin/],
      [`domain: wiki.example.com\n${USERS}wiki: { admin: { email: admin@admin.com } }\n`, /stock account/],
    ],
  "hidden and direction-changing characters in names": [
    [`domain: wiki.example.com\n${ADMIN}users: [{ name: a, displayName: "\\u202Eecila", email: a@example.com }]\n`, /cannot be seen or change the direction/],
  ],
  "a port that is used twice, or is a port of SSH, Docker or the monitoring on the Docker host": [
    [`${REST}ports: { https: 80 }\n`, /is also the port of http/],
    [`${REST}ports: { http: 22 }\nhost: {}\n`, /is the port of SSH/],
    [`${REST}ports: { https: 2376 }\ndocker: { host: "tcp://203.0.113.10:2376" }\n`, /is the port of docker\.host/],
    [`${REST}ports: { http: 3000 }\n`, /is a port of the monitoring/],
  ],
  "overlapping networks, networks that contain the Docker host, unroutable addresses": [
    [`${REST}networks: { proxy: 172.30.20.0/24 }\n`, /overlaps backend/],
    [`${REST}docker: { host: "ssh://a@172.30.10.7" }\n`, /is within networks\.proxy/],
    [`${REST}dns: { ipv4: 127.0.0.1 }\n`, /is not reachable/],
  ],
  "every address (`0.0.0.0/0`), or ranges that together cover a large part of the internet, as a proxy, as trusted or for SSH": [
    [`${REST}access: { proxies: [0.0.0.0/0] }\n`, /is every address/],
    [`${REST}access: { trusted: [0.0.0.0/1, 128.0.0.0/1] }\n`, /a large part of the internet/],
    [`${REST}host: { sshFrom: [${Array.from({ length: 20 }, (_, first) => `${first + 1}.0.0.0/8`).join(", ")}] }\n`, /together the ranges are a large part/],
  ],
  "Let's Encrypt without an e-mail address or for a private name (`.local`, `.lan`, `.internal`), a zone that does not contain the domain": [
    [`${REST}tls: { issuer: letsencrypt }\n`, /needed for letsencrypt/],
    ...["local", "lan", "internal"].map(
      (ending) => [`domain: wiki.${ending}\n${ADMIN}${USERS}tls: { issuer: letsencrypt, email: a@example.com }\n`, /signs no certificate/] as const,
    ),
    [`${REST}dns: { provider: cloudflare, zone: example.org, ipv4: 203.0.113.10 }\n`, /does not hold wiki\.example\.com/],
  ],
  "`dns.ipv6` without `ports.ipv6`, a loopback address as a proxy, `ports.public` on loopback without the proxy in `access.proxies`": [
    [`${REST}dns: { ipv6: "2001:db8::10" }\n`, /does not answer/],
    [`${REST}access: { proxies: [127.0.0.1/32] }\n`, /is an address that the edge never sees/],
    [`${REST}ports: { address: 127.0.0.1, https: 8443, public: 443 }\n`, /access\.proxies: must hold/],
  ],
  "a `host` that is not the Docker host": [
    [`${REST}docker: { host: "ssh://a@203.0.113.10" }\nhost: {}\n`, /the machine that runs Terraform would be hardened/],
  ],
  "a log or a Docker directory that would expose `/etc`, `/proc`, `/var/lib` or another system directory to a container": [
    [`${REST}crowdsec: { hostLog: /etc/shadow }\n`, /would show a container all of \/etc/],
    [`${REST}crowdsec: { hostLog: /proc/kmsg }\n`, /would show a container all of \/proc/],
    [`${REST}crowdsec: { hostLog: /var/lib/x.log }\n`, /would show a container all of \/var\/lib/],
    [`${REST}monitoring: { dockerRoot: /etc }\n`, /is a directory of the system/],
  ],
  "uploads in a directory of the system, or in a bucket": [
    [uploadsAt("{ path: /var/lib/wiki }"), /is not for data, but a directory of the system/],
    [uploadsAt("{ bucket: wiki }"), /public URLs/],
  ],
  "too little memory for the database's buffer pool or for `wiki.phpMemory`": [
    [`${REST}database: { bufferPool: 1G }\n`, /is too little with a bufferPool of 1G/],
    [`domain: wiki.example.com\n${USERS}wiki: { admin: { email: admin@example.com }, phpMemory: 1G }\n`, /is too much with a memory of/],
  ],
  "a mail server or a webhook that is the container itself or this wiki": [
    [`${REST}mail: { host: localhost, from: a@example.com }\n`, /is the container itself/],
    [`${REST}mail: { host: auth.wiki.example.com, from: a@example.com }\n`, /is a host name of this wiki/],
    [
      `domain: wiki.example.com\n${USERS}wiki: { admin: { email: admin@example.com }, webhooks: [bookstack.wiki.example.com] }\n`,
      /is a host name of this wiki/,
    ],
  ],
};

/** List items of a section, each on one line. */
function items(heading: string): string[] {
  const [, section = ""] = PAGE.split(`## ${heading}\n`);
  const [own = ""] = section.split(/^##/m);
  return own
    .split(/^- /m)
    .slice(1)
    .map((item) => (item.split("\n\n")[0] ?? "").replace(/\s+/g, " ").trim());
}

describe("what the page says of an environment file is so", () => {
  test("each statement is tried, in the order of the page", () => {
    expect(items("In an environment file")).toEqual(Object.keys(STATEMENTS));
  });

  describe.each(Object.entries(STATEMENTS))("%s", (_, files) => {
    test.each(files)("%j", (text, problem) => {
      expect(refusal(text)).toMatch(problem);
    });
  });
});
