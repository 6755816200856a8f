import { readFileSync } from "node:fs";
import { join } from "node:path";
/** What is special about the file, its text, and every problem that is reported, as {@link placeAndKind} gives it. */
export type BrokenFile = readonly [description: string, text: string, problems: readonly string[]];

const AUTHORITY = readFileSync(join(__dirname, "..", "..", "support", "authority.pem"), "utf8");
/** What most of the files add their mistake to. */
const USERS = "users: [{ name: alice, displayName: Alice, email: alice@example.com }]\n";
const WIKI = `wiki: { admin: { email: admin@example.com } }\n${USERS}`;
const REST = `domain: wiki.example.com\n${WIKI}`;
/** All that is required but for people. */
const ALONE = "domain: wiki.example.com\nwiki: { admin: { email: admin@example.com } }\n";

const uploadsAt = (uploads: string) => `domain: wiki.example.com\n${USERS}wiki:\n  uploads: ${uploads}\n  admin: { email: admin@example.com }\n`;

const GOOD_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw";
/** The type of one key with the text of another. */
const MIXED_KEY = GOOD_KEY.replace("ssh-ed25519", "ssh-rsa");
const ECDSA_KEY =
  "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=";

const YAML_1_1 = "line 1: %YAML 1.1 is not read: files are read as YAML 1.2, where yes, no, on and off are texts, and 0755 is 755; remove the line";
const SAYS_NOTHING = "the file says nothing; a new one begins as a copy of environments/production.example.yaml";
const NO_DOMAIN = "domain is missing; add it, such as wiki.example.com (Domain below which bookstack.DOMAIN is served)";
const EXAMPLE_USERS = "[{ name: alice, displayName: Alice Example, email: alice@example.com, groups: [admin] }]";
const KNOWN_AT_TOP =
  "known here: domain, timezone, production, docker, host, cluster, standby, terraform, providers, state, secrets, tls, access, dns, ports, networks, protectData, traefik, authelia, users, signOn, mail, crowdsec, wiki, database, backup, monitoring, alerts, images";
const OR_LEAVE_OUT = "; give it a value, or leave the key out";
const IN_GENERAL = "; correct the indentation, or put a text with special characters in quotes";
const SECOND_COLON = 'a second ": " in one value; put a text that holds one in quotes, or correct the indentation here and in the next line';
const TOO_DEEP = "the file is nested more than 20 levels deep, where an environment needs three; correct brackets and indentation";

/** What a cluster needs beside it. */
const BESIDE = "providers: { docker: 4 }\nmonitoring: { enabled: false }\n";
const CLUSTER = "cluster: { storage: /srv/wiki, nodes: [{ name: wiki-a, roles: [manager, data, wiki] }] }\n";
const CANNOT_HAVE = [
  "monitoring.enabled: the monitoring does not know a cluster yet; set monitoring.enabled to false",
  "providers.docker: inconsistent",
  "line 4: docker.host: form",
  "line 5: host: a hardened host cannot be a node of a swarm yet; remove the block host",
  "line 6: mail: mail of the wiki leaves by an egress that does not know replicas yet; remove the block mail",
  "line 7: ports.ipv6: the networks of a cluster have IPv4 addresses only; remove ports.ipv6",
  "line 8: networks.proxy: 10.80.10.0/27 is too small for a cluster; give it a prefix of /26 or less",
];
const TWO_NODES = [
  'line 6: cluster.nodes.1.name: "wiki-a" is the name of two nodes; list each node once',
  "line 6: cluster.nodes: inconsistent",
  "line 6: cluster.nodes: inconsistent",
  "line 6: cluster.nodes: two managers stop when either fails; give three nodes the role manager, or one",
];
const NONE = [
  "line 6: cluster.nodes.0.name: form",
  "line 6: cluster.nodes.0.roles.0: choice",
  'line 6: cluster.nodes.0.zone: "a b" has other characters than lower-case letters, digits and "-"; write it like rack-1',
  "line 6: cluster.storage: form",
];

/** Files that have to be refused: what is special about them, their text, and every problem that is reported. */
export const BROKEN_FILES: Readonly<Record<string, readonly BrokenFile[]>> = {
  "files that say nothing": [
    ["empty", "", [SAYS_NOTHING]],
    ["white space only", "  \n\n", [SAYS_NOTHING]],
    ["comments only", "# domain: wiki.example.com\n# the rest follows\n", [SAYS_NOTHING]],
    ["a document mark only", "---\n", [SAYS_NOTHING]],
    ["nothing, written out", "~\n", [SAYS_NOTHING]],
    ["a byte order mark only", "\uFEFF", [SAYS_NOTHING]],
  ],
  "a cluster": [
    [
      "beside what it cannot have yet",
      `${REST}docker: { host: "ssh://deploy@203.0.113.10" }\nhost: { ssh: { address: 203.0.113.10, hostKeys: [${GOOD_KEY}] } }\nmail: { host: smtp.example.com, from: wiki@example.com }\nports: { ipv6: "::" }\nnetworks: { proxy: 10.80.10.0/27 }\n${CLUSTER}`,
      CANNOT_HAVE,
    ],
    [
      "with two managers, two nodes with the data and none for the wiki, and a node twice",
      `${REST}${BESIDE}cluster: { storage: /srv/wiki, nodes: [{ name: wiki-a, roles: [data, manager] }, { name: wiki-a, roles: [data, manager] }] }\n`,
      TWO_NODES,
    ],
    [
      "beside uploads in a directory of one host",
      `${uploadsAt("{ path: /mnt/wiki }")}${BESIDE}${CLUSTER}`,
      ["line 4: wiki.uploads: a cluster keeps uploads below cluster.storage; remove wiki.uploads"],
    ],
    ["with names and a directory that are none", `${REST}${BESIDE}cluster: { storage: wiki, nodes: [{ name: Wiki_A, zone: "a b", roles: [edge] }] }\n`, NONE],
  ],
  "a host that is hardened": [
    [
      "without its address and keys",
      `${REST}docker: { host: "ssh://deploy@203.0.113.10" }\nhost: { ssh: { port: 0, user: Root, keyFile: key } }\n`,
      [
        "line 5: host.ssh.address: missing",
        "line 5: host.ssh.hostKeys: missing",
        "line 5: host.ssh.keyFile: form",
        "line 5: host.ssh.port: number",
        "line 5: host.ssh.user: form",
      ],
    ],
    [
      "keys that are none",
      `${REST}docker: { host: "ssh://deploy@203.0.113.10" }\nhost: { ssh: { address: 203.0.113.10, hostKeys: [ssh-ed25519 AAAA, ${MIXED_KEY}] }, sshFrom: [0.0.0.0/0] }\n`,
      ["line 5: host.ssh.hostKeys.0: form", "line 5: host.ssh.hostKeys.1: form", "line 5: host.sshFrom.0: unsafe"],
    ],
    [
      "without the key that it will show",
      `${REST}docker: { host: "ssh://deploy@203.0.113.10" }\nhost: { ssh: { address: 203.0.113.10, hostKeys: [${ECDSA_KEY}] } }\n`,
      ["line 5: host.ssh.hostKeys: holds no key that begins with ssh-ed25519, the only one that a hardened host shows; add it: ssh-keyscan prints it"],
    ],
    [
      "that is not the one with the containers",
      `${REST}docker: { host: "ssh://deploy@203.0.113.10:2222" }\nhost: { ssh: { address: 203.0.113.10, hostKeys: [${GOOD_KEY}] } }\n`,
      ["line 5: host.ssh: inconsistent"],
    ],
    [
      "that is the machine that runs Terraform, while the containers are behind TLS elsewhere",
      `${REST}docker: { host: "tcp://203.0.113.10:2376" }\nhost: {}\n`,
      ["line 5: host.ssh: needed"],
    ],
    [
      "that is not the one with the containers behind TLS",
      `${REST}docker: { host: "tcp://203.0.113.11:2376" }\nhost: { ssh: { address: 203.0.113.10, hostKeys: [${GOOD_KEY}] } }\n`,
      ["line 5: host.ssh: inconsistent"],
    ],
    [
      "that is elsewhere while the containers are here",
      `${REST}host: { ssh: { address: 203.0.113.10, hostKeys: [${GOOD_KEY}] } }\n`,
      ["line 4: host.ssh: inconsistent"],
    ],
    ["that is here while the containers are elsewhere", `${REST}docker: { host: "ssh://deploy@203.0.113.10" }\nhost: {}\n`, ["line 5: host.ssh: needed"]],
  ],
  "files that are no block of keys": [
    [
      "a list",
      "- domain: wiki.example.com\n- timezone: UTC\n",
      ["the file must be a block of keys, got a list; begin it with a line such as domain: wiki.example.com"],
    ],
    [
      "a sentence",
      "The wiki is at wiki.example.com\n",
      ['the file must be a block of keys, got "The wiki is at wiki.example.com"; begin it with a line such as domain: wiki.example.com'],
    ],
    ["a number", "42\n", ["the file must be a block of keys, got 42; begin it with a line such as domain: wiki.example.com"]],
    ["a truth value", "false\n", ["the file must be a block of keys, got false; begin it with a line such as domain: wiki.example.com"]],
    ["binary junk", "\u0000\u0001\u0002\u001b[31m\uFFFD", ["line 1: a control character (U+0000) that no text has; delete it, or save the file as plain text"]],
    ["JSON that is a list", "[]\n", ["the file must be a block of keys, got a list; begin it with a line such as domain: wiki.example.com"]],
  ],
  "writing that is no YAML": [
    ["a tab as indentation", "domain: wiki.example.com\nwiki:\n\tadmin:\n", ["line 3: a tab indents the line; use spaces"]],
    ["a tab after spaces", "wiki:\n  admin:\n  \temail: admin@example.com\n", ["line 3: a tab indents the line; use spaces"]],
    ["two documents", `${REST}---\n${REST}`, ['line 4: a second document begins; keep one, without "---" between']],
    ["two documents, the first ended", `${REST}...\n---\n${REST}`, ['line 5: a second document begins; keep one, without "---" between']],
    ["a key without a colon", `domain\n${WIKI}`, ["line 1: a key without its colon and space; write it like key: value"]],
    ["a colon without a space", `domain:wiki.example.com\n${WIKI}`, ["line 1: a key without its colon and space; write it like key: value"]],
    ["a second colon in a value", `domain: wiki: example.com\n${WIKI}`, [`line 1: ${SECOND_COLON}`]],
    ["keys of one block in two columns", "wiki:\n  admin:\n   email: admin@example.com\n  language: fr\n   cpus: 2\n", [`line 4: ${SECOND_COLON}`]],
    [
      "a quote that is not closed, noticed at the end",
      `domain: "wiki.example.com\n${WIKI}ports:\n  http: 8081\n`,
      ["line 1: a quote opens here and is not closed; close it where the text ends"],
    ],
    ["a single quote that is not closed", `${WIKI}domain: 'wiki.example.com\n`, ["line 3: a quote opens here and is not closed; close it where the text ends"]],
    [
      "a brace that is not closed",
      `domain: wiki.example.com\nwiki: { admin: { email: admin@example.com }\n`,
      ["line 2: a bracket opens here and is not closed; close it with }"],
    ],
    ["a bracket that is not closed", "domain: [\n", ["line 1: a bracket opens here and is not closed; close it with ]"]],
    [
      "a brace too many",
      `domain: wiki.example.com\nwiki: { admin: { email: admin@example.com } } }\n`,
      ["line 2: the line belongs to nothing before it; begin all keys of a block in the same column, and close no bracket twice"],
    ],
    ["a character that YAML keeps for itself", `domain: @wiki\n${WIKI}`, ["line 1: a text cannot begin with an unquoted @; put it in quotes"]],
    ["a star without a name", `domain: *\n${WIKI}`, ["line 1: * or & without a name; put a text that begins with it in quotes"]],
    ["an escape that does not exist", `domain: "wiki\\qexample.com"\n${WIKI}`, ["line 1: \\q means nothing between double quotes; use single quotes"]],
    ["a directive that does not exist", `%WIKI 1\n---\n${REST}`, ["line 1: a line that begins with % is no part of an environment; leave it out"]],
    ["a list as key", `? [domain, timezone]\n: wiki.example.com\n${WIKI}`, ["line 1: a key must be a plain word; write it like key: value"]],
    ["a block as key", `? { domain: timezone }\n: wiki.example.com\n${WIKI}`, ["line 1: a key must be a plain word; write it like key: value"]],
    [
      "a key without a colon, within a block",
      `${REST}ports:\n  address: 127.0.0.1\n  http 8081\n`,
      ["line 6: a key without its colon and space; write it like key: value"],
    ],
    [
      "the first key indented, which leaves all others outside",
      ` domain: wiki.example.com\ntimezone: UTC\nwiki:\n  admin:\n    email: admin@example.com\n`,
      ["line 2: something follows a value that has ended; put the whole text in quotes, or begin all keys of a block in the same column"],
    ],
    [
      "a key indented less than its block",
      `${REST}ports:\n  address: 127.0.0.1\n http: 8081\n`,
      ["line 6: indented otherwise than what is before it; begin all keys of a block in the same column"],
    ],
    [
      "a key indented more than its block, after a comment",
      `${REST}ports:\n  address: 127.0.0.1\n  # the other port\n   # of the two\n   http: 8081\n`,
      ["line 8: indented otherwise than what is before it; begin all keys of a block in the same column"],
    ],
    [
      "text behind a quoted text",
      `domain: "wiki" example.com\n${WIKI}`,
      ["line 1: something follows a value that has ended; put the whole text in quotes, or begin all keys of a block in the same column"],
    ],
    [
      "text behind the sign of a text over several lines",
      `domain: | wiki.example.com\n${WIKI}`,
      [`line 1: no valid YAML (Not a YAML token: wiki.example.com)${IN_GENERAL}`],
    ],
    [
      "a brace that is not closed, far from the end",
      `domain: { wiki.example.com\n${WIKI}ports:\n  http: 8081\n`,
      ["line 1: a bracket opens here and is not closed; close it with }"],
    ],
    [
      "a conflict that git left",
      `<<<<<<< HEAD\ndomain: wiki.example.com\n=======\ndomain: wiki.example.org\n>>>>>>> main\n${WIKI}`,
      [
        "line 1: a key without its colon and space; write it like key: value",
        "line 3: a key without its colon and space; write it like key: value",
        "line 5: a key without its colon and space; write it like key: value",
        `line 6: no valid YAML (Block scalar values in collections must be indented)${IN_GENERAL}`,
      ],
    ],
    [
      "several mistakes in several lines",
      `domain: @wiki\nwiki:\n\tadmin: { email: admin@example.com }\ntimezone: "UTC\n`,
      [
        "line 1: a text cannot begin with an unquoted @; put it in quotes",
        "line 3: a tab indents the line; use spaces",
        "line 4: a quote opens here and is not closed; close it where the text ends",
      ],
    ],
    ["lists in lists", `domain: ${"[".repeat(100)}${"]".repeat(100)}\n${WIKI}`, [`line 1: ${TOO_DEEP}`]],
    ["very deep lists that never end", `domain: ${"[".repeat(20_000)}`, [`line 1: ${TOO_DEEP}`]],
    ["very deep blocks", Array.from({ length: 340 }, (_, depth) => `${" ".repeat(depth)}wiki:\n`).join(""), [`line 20: ${TOO_DEEP}`]],
    ["very deep lists on one line", `${"- ".repeat(20_000)}\n`, [`line 1: ${TOO_DEEP}`]],
    ["very deep braces", `domain: ${"{a: ".repeat(3000)}${"}".repeat(3000)}\n`, [`line 1: ${TOO_DEEP}`]],
  ],
  "aliases, tags, merging": [
    [
      "an alias without an anchor",
      `${REST}timezone: *zone\n`,
      ["line 4: *zone has no value, because no &zone comes before it; write the value out, or in quotes if it begins with *"],
    ],
    [
      "several of them",
      `domain: *domain\nwiki: { admin: *admin }\n`,
      [
        "line 1: *domain has no value, because no &domain comes before it; write the value out, or in quotes if it begins with *",
        "line 2: *admin has no value, because no &admin comes before it; write the value out, or in quotes if it begins with *",
      ],
    ],
    [
      "an alias before its anchor",
      `timezone: *zone\ndomain: &zone wiki.example.com\n${WIKI}`,
      ["line 1: *zone has no value, because no &zone comes before it; write the value out, or in quotes if it begins with *"],
    ],
    [
      "a block that holds itself",
      "domain: wiki.example.com\nwiki: &wiki\n  admin: *wiki\n",
      ["line 3: *wiki refers to a block that contains it; write the value out"],
    ],
    ["a list that contains itself", `${REST}images: &images [*images]\n`, ["line 4: *images refers to a block that contains it; write the value out"]],
    [
      "aliases that multiply",
      `${REST}a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c]\n`,
      ["aliases repeat more than 100 values; write the values out"],
    ],
    ["an alias with a wrong value", `domain: &name wiki.example.com\ntimezone: *name\n${WIKI}`, ["line 2: timezone: form"]],
    [
      "an alias for a block of another kind",
      `${REST}docker: &docker { host: "unix:///var/run/docker.sock" }\nports: *docker\n`,
      ["line 5: ports.host: unknown, meant docker.host or host or standby.docker.host or mail.host or database.external.host"],
    ],
    ["a custom tag", `domain: !secret wiki.example.com\n${WIKI}`, ["line 1: the tag !secret cannot be used here; leave it out"]],
    ["a tag for bytes", `${REST}timezone: !!binary VVRD\n`, ["line 4: the tag binary cannot be used here; leave it out", "line 4: timezone: form"]],
    ["a tag for a set", `${REST}images: !!set { traefik }\n`, ["line 4: images.traefik: empty", "line 4: the tag set cannot be used here; leave it out"]],
    ["a tag that makes a text of a truth value", `${REST}protectData: !!str true\n`, ["line 4: protectData: boolean"]],
    [
      "a tag with a value that does not fit",
      `${REST}ports: { http: !!int many }\n`,
      ["line 4: ports.http: number", "line 4: the tag int cannot be used here; leave it out"],
    ],
    [
      "merging",
      `${REST}limits: &limits { cpus: 2 }\ntraefik:\n  <<: *limits\n`,
      ["line 4: limits: unknown", 'line 6: traefik."<<" is not known; write the keys out that it merges'],
    ],
    [
      "YAML 1.1 asked for",
      `%YAML 1.1\n---\n${REST}protectData: yes\nports: { http: 1:20 }\n`,
      [YAML_1_1, "line 6: protectData: boolean", "line 7: ports.http: number"],
    ],
  ],
  keys: [
    ["a misspelled key", `domian: wiki.example.com\n${WIKI}`, ["domain: missing", "line 1: domian: unknown, meant domain"]],
    [
      "a key in another case",
      `${REST}timeZone: UTC\nProtectData: true\n`,
      ["line 4: timeZone: unknown, meant timezone", "line 5: ProtectData: unknown, meant protectData"],
    ],
    [
      "a key with underscores or hyphens",
      `${REST}database:\n  buffer_pool: 512M\n  slow-query: 1s\n`,
      ["line 5: database.buffer_pool: unknown, meant database.bufferPool", "line 6: database.slow-query: unknown, meant database.slowQuery"],
    ],
    ["a key of another block", `${REST}bufferPool: 512M\n`, ["line 4: bufferPool: unknown, meant database.bufferPool"]],
    [
      "a key of several other blocks",
      `${REST}memory: 512M\n`,
      [
        "line 4: memory: unknown, meant traefik.memory or authelia.memory or crowdsec.memory or wiki.memory or database.memory or backup.memory or monitoring.prometheus.memory or monitoring.alertmanager.memory or monitoring.grafana.memory or monitoring.nodeExporter.memory or monitoring.mysqldExporter.memory or monitoring.containerMetrics.memory",
      ],
    ],
    ["a key of a block within a block", `${REST}email: admin@example.com\n`, ["line 4: email: unknown, meant tls.email or wiki.admin.email or alerts.email"]],
    ["a key of the top in a block", `${REST}database: { timezone: UTC }\n`, ["line 4: database.timezone: unknown, meant timezone"]],
    ["letters in another order", `${REST}ports: { adderss: 127.0.0.1 }\n`, ["line 4: ports.adderss: unknown, meant ports.address"]],
    ["a key in the wrong block", `${REST}database: { uploadLimit: 50M }\n`, ["line 4: database.uploadLimit: unknown, meant wiki.uploadLimit"]],
    ["a path instead of blocks", `${REST}database.bufferPool: 512M\n`, ['line 4: "database.bufferPool": unknown']],
    ["an unknown key", `${REST}smtp: { host: mail.example.com }\n`, ["line 4: smtp: unknown"]],
    ["an unknown key within a block", `${REST}ports: { quic: 443 }\n`, ["line 4: ports.quic: unknown"]],
    [
      "a misspelled key within a block, in its line",
      `domain: wiki.example.com\nwiki:\n  admin:\n    emial: admin@example.com\n${USERS}`,
      ["line 3: wiki.admin.email: missing", "line 4: wiki.admin.emial: unknown, meant wiki.admin.email"],
    ],
    [
      "a misspelled required block",
      "domain: wiki.example.com\nwikis:\n  admin:\n    email: admin@example.com\n",
      ["users: missing", "wiki.admin.email: missing", "line 2: wikis: unknown, meant wiki"],
    ],
    [
      "numbers, truth values and nothing as keys",
      `${REST}8443: https\ntrue: yes\nnull: no\n`,
      [`line 4: 8443 is not known; ${KNOWN_AT_TOP}`, "line 5: true: unknown", "line 6: null: unknown"],
    ],
    ["an empty key", `${REST}"": 1\n`, ['line 4: "": unknown']],
    [
      "a key of several words",
      `${REST}"time zone": UTC\n"two\\nlines": 1\n`,
      ['line 4: "time zone": unknown, meant timezone', 'line 5: "two\\nlines": unknown'],
    ],
    ["a key with characters that a terminal obeys", `${REST}"\\e[31mred\\u202e": 1\n`, ['line 4: "\\u001b[31mred\\u{202e}": unknown']],
    ["a very long key", `${REST}? ${"k".repeat(500)}\n: 1\n`, ['line 4: "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk…": unknown']],
    [
      "keys that every JavaScript object has",
      `__proto__: { domain: wiki.example.com }\nconstructor: 1\ntoString: 2\nhasOwnProperty: 3\n${REST}`,
      ["line 1: __proto__: unknown", "line 2: constructor: unknown", "line 3: toString: unknown", "line 4: hasOwnProperty: unknown"],
    ],
    [
      "such keys within a block",
      `domain: wiki.example.com\nwiki:\n  __proto__:\n    admin: { email: admin@example.com }\n${USERS}`,
      ["line 2: wiki.admin.email: missing", "line 3: wiki.__proto__: unknown"],
    ],
    ["a key twice", `${REST}domain: wiki.example.org\n`, ["line 4: domain: duplicate"]],
    ["a key twice, the second value wrong too", `${REST}timezone: UTC\ntimezone: Mars\n`, ["line 5: timezone: duplicate", "line 5: timezone: form"]],
    ["a block twice", `${REST}wiki: { language: fr }\n`, ["line 4: wiki: duplicate"]],
    [
      "a key three times within a block",
      `${REST}traefik:\n  cpus: 1\n  cpus: 2\n  cpus: 3\n`,
      ["line 6: traefik.cpus: duplicate", "line 7: traefik.cpus: duplicate"],
    ],
    ["a key twice, once in quotes", `${REST}"domain": wiki.example.org\n`, ["line 4: domain: duplicate"]],
  ],
  "what is missing": [
    ["the domain", WIKI, ["domain: missing"]],
    ["the wiki", "domain: wiki.example.com\n", ["users: missing", "wiki.admin.email: missing"]],
    ["both", "timezone: UTC\n", ["domain: missing", "users: missing", "wiki.admin.email: missing"]],
    ["the administrator", `domain: wiki.example.com\nwiki:\n  language: fr\n${USERS}`, ["line 2: wiki.admin.email: missing"]],
    [
      "the address of the administrator",
      `domain: wiki.example.com\nwiki:\n  language: fr\n  admin:\n    name: Alice\n${USERS}`,
      ["line 4: wiki.admin.email: missing"],
    ],
    [
      "the value of every key",
      "domain:\ntimezone:\ndocker:\nstate:\ntls:\nports:\nnetworks:\nprotectData:\ntraefik:\nwiki:\ndatabase:\nimages:\naccess:\ndns:\nauthelia:\nusers:\nsignOn:\nmail:\ncrowdsec:\n",
      [
        "line 1: domain: empty",
        "line 2: timezone: empty",
        "line 3: docker: empty",
        "line 4: state: empty",
        "line 5: tls: empty",
        "line 6: ports: empty",
        "line 7: networks: empty",
        "line 8: protectData: empty",
        "line 9: traefik: empty",
        "line 10: wiki: empty",
        "line 11: database: empty",
        "line 12: images: empty",
        "line 13: access: empty",
        "line 14: dns: empty",
        "line 15: authelia: empty",
        "line 16: users: empty",
        "line 17: signOn: empty",
        "line 18: mail: empty",
        "line 19: crowdsec: empty",
      ],
    ],
    [
      "the value of every key within blocks",
      `domain: wiki.example.com\ndocker: { host: }\nstate: { backend: }\ntls: { issuer: }\nports:\n  address:\n  http:\n  https:\nnetworks:\n  proxy:\n  backend:\n  database:\ntraefik:\n  memory:\n  cpus:\nwiki:\n  admin:\n    email:\n    name:\n  language:\n  uploadLimit:\n  memory:\n  cpus:\ndatabase:\n  version:\n  bufferPool:\n  slowQuery:\n  memory:\n  cpus:\nimages:\n  traefik:\n  bookstack:\n  mysql:\n${USERS}`,
      [
        "line 2: docker.host: empty",
        "line 3: state.backend: empty",
        "line 4: tls.issuer: empty",
        "line 6: ports.address: empty",
        "line 7: ports.http: empty",
        "line 8: ports.https: empty",
        "line 10: networks.proxy: empty",
        "line 11: networks.backend: empty",
        "line 12: networks.database: empty",
        "line 14: traefik.memory: empty",
        "line 15: traefik.cpus: empty",
        "line 18: wiki.admin.email: empty",
        "line 19: wiki.admin.name: empty",
        "line 20: wiki.language: empty",
        "line 21: wiki.uploadLimit: empty",
        "line 22: wiki.memory: empty",
        "line 23: wiki.cpus: empty",
        "line 25: database.version: empty",
        "line 26: database.bufferPool: empty",
        "line 27: database.slowQuery: empty",
        "line 28: database.memory: empty",
        "line 29: database.cpus: empty",
        "line 31: images.traefik: empty",
        "line 32: images.bookstack: empty",
        "line 33: images.mysql: empty",
      ],
    ],
  ],
  "values of another type": [
    ["a number for a text", `domain: 42\n${WIKI}timezone: 1\n`, ["line 1: domain: text", "line 4: timezone: text"]],
    [
      "a number for a text that may look like one",
      `domain: wiki.example.com\nwiki: { admin: { email: admin@example.com, name: 0042 } }\n${USERS}`,
      ["line 2: wiki.admin.name: text"],
    ],
    ["a truth value for a text", `${REST}docker: { host: true }\n`, ["line 4: docker.host: text"]],
    ["a list for a text", `domain: [wiki.example.com]\n${WIKI}`, ["line 1: domain: text"]],
    ["a block for a text", `domain: { name: wiki.example.com }\n${WIKI}`, ["line 1: domain: text"]],
    ["a text for a block", `domain: wiki.example.com\nwiki: admin@example.com\n${USERS}`, ["line 2: wiki: block"]],
    ["a list for a block", `${REST}ports:\n  - 80\n  - 443\n`, ["line 4: ports: block"]],
    ["a text for a number", `${REST}ports: { http: "8081", https: none }\n`, ["line 4: ports.http: number", "line 4: ports.https: number"]],
    ["a fraction for a whole number", `${REST}ports: { http: 80.5 }\n`, ["line 4: ports.http: number"]],
    ["a text for a truth value", `${REST}protectData: "false"\n`, ["line 4: protectData: boolean"]],
    ["words that YAML 1.1 took for truth values", `${REST}protectData: no\n`, ["line 4: protectData: boolean"]],
    ["a number for a truth value", `${REST}protectData: 0\n`, ["line 4: protectData: boolean"]],
    ["a number for a size", `${REST}traefik: { memory: 512 }\n`, ["line 4: traefik.memory: text"]],
    ["a number for a length of time", `${REST}database: { slowQuery: 1.50 }\n`, ["line 4: database.slowQuery: text"]],
    ["MySQL 8.4 without quotes", `${REST}database: { version: 8.4 }\n`, ["line 4: database.version: choice"]],
    ["MySQL 8.0 without quotes", `${REST}database: { version: 8.0 }\n`, ["line 4: database.version: choice"]],
    ["MySQL 8 without quotes", `${REST}database: { version: 8 }\n`, ["line 4: database.version: choice"]],
    ["MySQL 5.7", `${REST}database: { version: "5.7" }\n`, ["line 4: database.version: choice"]],
    [
      "a number that is none, or endless",
      `${REST}ports: { http: .nan, https: .inf }\ntraefik: { cpus: -.inf }\n`,
      ["line 4: ports.http: number", "line 4: ports.https: number", "line 5: traefik.cpus: number"],
    ],
    [
      "numbers beyond all bounds",
      `${REST}ports: { http: 99999999999999999999999999, https: 1e999 }\ntraefik: { cpus: 1e308 }\n`,
      ["line 4: ports.http: number", "line 4: ports.https: number", "line 5: traefik.cpus: number"],
    ],
    [
      "an alias for a number",
      `${REST}traefik: { cpus: &many 65 }\ndatabase: { cpus: *many }\n`,
      ["line 4: traefik.cpus: number", "line 5: database.cpus: number"],
    ],
    [
      "kinds of backends and issuers to come",
      `${REST}state: { backend: s3 }\ntls: { issuer: zerossl }\n`,
      ["line 4: state.backend: choice", "line 5: tls.issuer: choice"],
    ],
  ],
  "where it runs and what is remembered": [
    ["a workspace without its names", `${REST}state: { backend: cloud }\n`, ["line 4: state.organization: needed", "line 4: state.workspace: needed"]],
    [
      "names of a workspace for a file",
      `${REST}state: { organization: example, workspace: wiki, hostname: tfe.example.com }\n`,
      ["line 4: state.hostname: useless", "line 4: state.organization: useless", "line 4: state.workspace: useless"],
    ],
    [
      "names that Terraform Cloud does not have",
      `${REST}state: { backend: cloud, organization: "my org", workspace: wiki/production }\n`,
      ["line 4: state.organization: form", "line 4: state.workspace: form"],
    ],
    ["a fingerprint for a host key", `${REST}docker: { host: "ssh://deploy@203.0.113.10", hostKey: "SHA256:abc" }\n`, ["line 4: docker.hostKey: form"]],
    [
      "certificates in a relative path",
      `${REST}docker: { host: "tcp://203.0.113.10:2376", certificates: certificates }\n`,
      ["line 4: docker.certificates: form"],
    ],
    ["a version that is none", `${REST}secrets: { version: 0 }\n`, ["line 4: secrets.version: number"]],
  ],
  "what the edge and the names need": [
    [
      "Let's Encrypt without an address, and a zone without one",
      `${REST}tls: { issuer: letsencrypt }\ndns: { provider: cloudflare }\n`,
      ["line 4: tls.email: needed", "line 5: dns.ipv4: needed", "line 5: dns.zone: needed"],
    ],
    [
      "a zone without the domain",
      `${REST}dns: { provider: cloudflare, zone: example.org, ipv6: "2001:db8::1" }\nports: { ipv6: "::" }\n`,
      ["line 4: dns.zone: inconsistent"],
    ],
    [
      "proxies that are none",
      `${REST}access: { proxies: [192.0.2.1, 192.0.2.0/33, 0.0.0.0/0] }\n`,
      ["line 4: access.proxies.0: form", "line 4: access.proxies.1: form", "line 4: access.proxies.2: unsafe"],
    ],
    ["one proxy outside of a list", `${REST}access: { proxies: 192.0.2.0/24 }\n`, ["line 4: access.proxies: list"]],
    ["an address of the other kind", `${REST}dns: { ipv6: 192.0.2.1 }\n`, ["line 4: dns.ipv6: form"]],
  ],
  "users, and single sign-on": [
    ["no users", `${ALONE}users: []\n`, [`line 3: users: the list is empty, so no user could sign in; add one, such as ${EXAMPLE_USERS}`]],
    ["a name outside of a list", `${ALONE}users: alice\n`, ["line 3: users: list"]],
    [
      "names without the rest, and a wrong key",
      `${ALONE}users:\n  - name: alice\n  - bob\n  - { name: carol, displayName: Carol, email: carol@example.com, group: [admin] }\n`,
      [
        "line 4: users.0.displayName: missing",
        "line 4: users.0.email: missing",
        "line 5: users.1: block",
        "line 6: users.2.group: unknown, meant users.2.groups",
      ],
    ],
    [
      "two of one name, two of one address, and the administrator's",
      `${ALONE}users:\n  - { name: alice, displayName: A, email: one@example.com }\n  - { name: alice, displayName: B, email: ONE@example.com }\n  - { name: carol, displayName: C, email: admin@example.com }\n`,
      ["line 5: users.1.email: duplicate", "line 5: users.1.name: duplicate", "line 6: users.2.email: duplicate"],
    ],
    [
      "names and groups that programs do not take",
      `${ALONE}users: [{ name: Alice, displayName: A, email: a@example.com, groups: [Book keepers, admin] }]\n`,
      ["line 3: users.0.groups.0: form", "line 3: users.0.name: form"],
    ],
    [
      "previous names that are in use, or that two users had",
      `${ALONE}users:\n  - { name: alice, displayName: A, email: a@example.com, previousNames: [bob, ann] }\n  - { name: bob, displayName: B, email: b@example.com, previousNames: [bob, ann] }\n`,
      ["line 4: users.0.previousNames.0: duplicate", "line 5: users.1.previousNames.0: duplicate", "line 5: users.1.previousNames.1: duplicate"],
    ],
    [
      "times and tries",
      `${REST}signOn: { session: 500ms, tries: 0, breakGlass: "yes" }\n`,
      ["line 4: signOn.breakGlass: boolean", "line 4: signOn.session: size", "line 4: signOn.tries: number"],
    ],
    [
      "rate limits that are too low to read, or permit floods",
      `${REST}traefik: { rateLimit: { perMinute: 0, burst: 5000, signedIn: { burst: 9 }, trusted: { perMinute: 1000 } } }\n`,
      [
        "line 4: traefik.rateLimit.burst: number",
        "line 4: traefik.rateLimit.perMinute: number",
        "line 4: traefik.rateLimit.signedIn.burst: number",
        "line 4: traefik.rateLimit.trusted.burst: missing",
        "line 4: traefik.rateLimit.trusted: useless",
      ],
    ],
    [
      "a rate limit for trusted networks of which there are none",
      `${REST}traefik: { rateLimit: { trusted: { perMinute: 1000, burst: 500 } } }\n`,
      ["line 4: traefik.rateLimit.trusted: useless"],
    ],
    ["mail without a server", `${REST}mail: { from: wiki@example.com, port: 0 }\n`, ["line 4: mail.host: missing", "line 4: mail.port: number"]],
    [
      "a log that is no path of a file",
      `${REST}crowdsec: { hostLog: /var/../auth.log, memory: 64M }\n`,
      ["line 4: crowdsec.hostLog: form", "line 4: crowdsec.memory: size"],
    ],
  ],
  "directories for uploads": [
    ...["mnt/wiki", "/mnt/../etc/wiki", "/etc/wiki", "/var/lib/docker/volumes", "/var", "/"].map(
      (path): BrokenFile => [`uploads at ${path}`, uploadsAt(`{ path: ${path} }`), ["line 4: wiki.uploads.path: form"]],
    ),
    [
      "uploads in a bucket",
      uploadsAt("{ bucket: wiki, path: /mnt/wiki }"),
      ["line 4: wiki.uploads.bucket: browsers load pictures of a bucket from public URLs, without signing in; set path to a mounted file system"],
    ],
  ],
  "values out of range": [
    ["ports", `${REST}ports: { http: 0, https: 65536 }\n`, ["line 4: ports.http: number", "line 4: ports.https: number"]],
    ["negative numbers", `${REST}ports: { http: -80 }\ntraefik: { cpus: -1 }\n`, ["line 4: ports.http: number", "line 5: traefik.cpus: number"]],
    ["ports of Traefik itself", `${REST}ports: { http: 8080, https: 0x1F92 }\n`, ["line 4: ports.http: unreachable", "line 4: ports.https: unreachable"]],
    ["processors", `${REST}traefik: { cpus: 0 }\ndatabase: { cpus: 128 }\n`, ["line 4: traefik.cpus: number", "line 5: database.cpus: number"]],
    [
      "sizes",
      `domain: wiki.example.com\ntraefik: { memory: 1M }\nwiki:\n  admin: { email: admin@example.com }\n  uploadLimit: 512K\n  memory: 255M\ndatabase: { bufferPool: 63M, memory: 511M }\n${USERS}`,
      [
        "line 2: traefik.memory: size",
        "line 5: wiki.uploadLimit: size",
        "line 6: wiki.memory: size",
        "line 7: database.bufferPool: size",
        "line 7: database.memory: size",
      ],
    ],
    ["a size beyond all bounds", `${REST}traefik: { memory: 9999999999T }\n`, ["line 4: traefik.memory: size"]],
    ["lengths of time", `${REST}database: { slowQuery: 0s }\n`, ["line 4: database.slowQuery: size"]],
    ["a text beyond all bounds", `${REST}timezone: ${"Europe/".repeat(100)}\n`, ["line 4: timezone: size"]],
    ["a domain that leaves no room", `domain: ${"wiki.".repeat(50)}example.com\n${WIKI}`, ["line 1: domain: size"]],
  ],
  "texts of another form": [
    ["a URL for a domain", `domain: https://wiki.example.com\n${WIKI}`, ["line 1: domain: form"]],
    ["a domain in upper case", `domain: Wiki.Example.com\n${WIKI}`, ["line 1: domain: form"]],
    ["a name without a dot", `domain: localhost\n${WIKI}`, ["line 1: domain: form"]],
    ["an address for a domain", `domain: 203.0.113.10\n${WIKI}`, ["line 1: domain: form"]],
    ["a domain that ends in a dot", `domain: wiki.example.com.\n${WIKI}`, ["line 1: domain: form"]],
    ["a date for a domain", `domain: 2026-01-31\n${WIKI}`, ["line 1: domain: form"]],
    ["a domain with a line break", `domain: |\n  wiki.example.com\n${WIKI}`, ["line 1: domain: form"]],
    ["an empty domain", `domain: ""\n${WIKI}`, ["line 1: domain: form"]],
    ["time zones", `${REST}timezone: Europe/Pari\n`, ["line 4: timezone: form, meant Europe/Paris"]],
    ["a time zone in another case", `${REST}timezone: EUROPE/PARIS\n`, ["line 4: timezone: form, meant Europe/Paris"]],
    ["a time zone in lower case", `${REST}timezone: utc\n`, ["line 4: timezone: form, meant UTC"]],
    ["an offset for a time zone", `${REST}timezone: "+02:00"\n`, ["line 4: timezone: form"]],
    ["an unencrypted Docker host", `${REST}docker: { host: "tcp://203.0.113.10:2375" }\n`, ["line 4: docker.host: unsafe"]],
    ["a path for a Docker host", `${REST}docker: { host: /var/run/docker.sock }\n`, ["line 4: docker.host: form"]],
    ["an IPv6 address without brackets", `${REST}docker: { host: "ssh://deploy@2001:db8::10" }\n`, ["line 4: docker.host: form"]],
    ["brackets without an address", `${REST}docker: { host: "ssh://deploy@[2001:db8]" }\n`, ["line 4: docker.host: form"]],
    ["a Docker host behind TLS without a port", `${REST}docker: { host: "tcp://203.0.113.10" }\n`, ["line 4: docker.host: form"]],
    ["a Docker host behind TLS with a user", `${REST}docker: { host: "tcp://deploy@203.0.113.10:2376" }\n`, ["line 4: docker.host: form"]],
    ["a Docker host with a port that does not exist", `${REST}docker: { host: "ssh://deploy@203.0.113.10:65536" }\n`, ["line 4: docker.host: form"]],
    ["addresses to listen on", `${REST}ports: { address: localhost }\n`, ["line 4: ports.address: form"]],
    ["an address with a number too large", `${REST}ports: { address: 127.0.0.256 }\n`, ["line 4: ports.address: form"]],
    ["an address with zeros in front", `${REST}ports: { address: 127.0.0.01 }\n`, ["line 4: ports.address: form"]],
    [
      "networks",
      `${REST}networks:\n  proxy: 172.30.10.0\n  backend: 172.30.20.1/24\n  database: 8.8.8.0/24\n`,
      ["line 5: networks.proxy: form", "line 6: networks.backend: form", "line 7: networks.database: form"],
    ],
    [
      "networks too large or too small",
      `${REST}networks: { proxy: 10.0.0.0/8, backend: 172.30.20.0/30 }\n`,
      ["line 4: networks.backend: form", "line 4: networks.proxy: form"],
    ],
    ["an IPv6 network", `${REST}networks: { proxy: "fd00::/64" }\n`, ["line 4: networks.proxy: form"]],
    ["an address without a domain", `domain: wiki.example.com\nwiki: { admin: { email: admin } }\n${USERS}`, ["line 2: wiki.admin.email: form"]],
    ["the stock account", `domain: wiki.example.com\nwiki: { admin: { email: admin@admin.com } }\n${USERS}`, ["line 2: wiki.admin.email: unsafe"]],
    ["two at signs", `domain: wiki.example.com\nwiki: { admin: { email: a@b@example.com } }\n${USERS}`, ["line 2: wiki.admin.email: form"]],
    ["names", `domain: wiki.example.com\nwiki: { admin: { email: admin@example.com, name: "  " } }\n${USERS}`, ["line 2: wiki.admin.name: form"]],
    [
      "a name on two lines",
      `domain: wiki.example.com\nwiki: { admin: { email: admin@example.com, name: "Alice\\nBob" } }\n${USERS}`,
      ["line 2: wiki.admin.name: form"],
    ],
    [
      "a name beyond 100 characters",
      `domain: wiki.example.com\nwiki: { admin: { email: admin@example.com, name: ${"a".repeat(101)} } }\n${USERS}`,
      ["line 2: wiki.admin.name: size"],
    ],
    ["languages", `domain: wiki.example.com\nwiki: { admin: { email: admin@example.com }, language: French }\n${USERS}`, ["line 2: wiki.language: form"]],
    [
      "a language as browsers write it",
      `domain: wiki.example.com\nwiki: { admin: { email: admin@example.com }, language: pt-BR }\n${USERS}`,
      ["line 2: wiki.language: form"],
    ],
    [
      "sizes",
      `${REST}traefik: { memory: 1 GB }\ndatabase: { bufferPool: 0.5G, memory: lots }\n`,
      ["line 4: traefik.memory: form", "line 5: database.bufferPool: form", "line 5: database.memory: form"],
    ],
    ["lengths of time", `${REST}database: { slowQuery: 1 second }\n`, ["line 4: database.slowQuery: form"]],
    [
      "IPv6 addresses and networks",
      `${REST}ports:\n  ipv6: "[::]"\nnetworks:\n  proxy6: 2001:db8::/64\ndns:\n  ipv6: fe80::1%eth0\n`,
      ["line 5: ports.ipv6: form", "line 7: networks.proxy6: form", "line 9: dns.ipv6: form"],
    ],
    [
      "images without a version",
      `${REST}images:\n  traefik: traefik\n  bookstack: solidnerd/bookstack:latest\n  mysql: MySQL:8.4\n`,
      ["line 5: images.traefik: unpinned", "line 6: images.bookstack: unpinned", "line 7: images.mysql: form"],
    ],
  ],
  relations: [
    ["one port for both", `${REST}ports: { http: 8443, https: 8443 }\n`, ["line 4: ports.https: duplicate"]],
    ["the port of http in URLs", `${REST}ports: { http: 8081, https: 8443, public: 8081 }\n`, ["line 4: ports.public: duplicate"]],
    [
      "a proxy on the same host that is called by an address which the edge never sees",
      `${REST}networks: { proxy: 10.9.0.0/24 }\naccess:\n  proxies: [192.0.2.1/32, 127.0.0.1/32, "::1/128"]\n`,
      ["line 6: access.proxies.1: unreachable", "line 6: access.proxies.2: unreachable"],
    ],
    [
      "an untrusted proxy on the same host: all clients would have one address",
      `${REST}ports: { address: 127.0.0.1, https: 8443, public: 443 }\n`,
      ["access.proxies: inconsistent"],
    ],
    [
      "the same beside other proxies",
      `${REST}ports: { address: 127.0.0.1, https: 8443, public: 443 }\naccess: { proxies: [172.30.11.0/24, "2001:db8::/32"] }\n`,
      ["line 5: access.proxies: inconsistent"],
    ],
    [
      "settings of one issuer for another",
      `${REST}tls:\n  challenge: { resolvers: [9.9.9.9] }\n  ca: ${JSON.stringify(AUTHORITY)}\n`,
      ["line 5: tls.challenge: useless", "line 6: tls.ca: useless"],
    ],
    [
      "what a DNS provider cannot be given",
      `${REST}tls:\n  issuer: letsencrypt\n  email: ops@example.com\n  challenge:\n    provider: hetzer\n    secrets: [AWS_SECRET_ACCESS_KEY, api-token]\n    variables: [HETZNER_API_TOKEN=abc, "HETZNER_TTL", 5]\n    resolvers: [dns.example.com, "9.9.9.9:99999"]\n    delay: soon\n    checks: some\n`,
      [
        "line 8: tls.challenge.provider: form, meant hetzner",
        "line 9: tls.challenge.secrets.0: AWS_SECRET_ACCESS_KEY can be read from no file; list AWS_SHARED_CREDENTIALS_FILE instead, which is a file with all credentials",
        "line 9: tls.challenge.secrets.1: form",
        "line 10: tls.challenge.variables.0: unsafe",
        "line 10: tls.challenge.variables.1: form",
        "line 10: tls.challenge.variables.2: text",
        "line 11: tls.challenge.resolvers.0: form",
        "line 11: tls.challenge.resolvers.1: form",
        "line 12: tls.challenge.delay: form",
        "line 13: tls.challenge.checks: choice",
      ],
    ],
    [
      "a duplicate variable, a token with a fixed name, and no check",
      `${REST}tls:\n  issuer: letsencrypt\n  email: ops@example.com\n  challenge:\n    secrets: [CF_DNS_API_TOKEN, CF_ZONE_API_TOKEN]\n    variables: [CF_TTL=1, CF_TTL=2]\n    checks: none\n`,
      ["line 7: tls.challenge.delay: needed", "line 8: tls.challenge.secrets.0: duplicate", "line 9: tls.challenge.variables: duplicate"],
    ],
    ["a firewall that lets only proxies in, where there are none", `${REST}host: { onlyProxies: true }\n`, ["line 4: host.onlyProxies: inconsistent"]],
    [
      "DNS records with an IPv6 address on which nothing listens",
      `${REST}dns: { provider: cloudflare, zone: example.com, ipv4: 203.0.113.10, ipv6: "2001:DB8::10" }\n`,
      ["line 4: dns.ipv6: unreachable"],
    ],
    ["the same where only the host itself is listened to", `${REST}dns: { ipv6: "2001:db8::10" }\nports: { ipv6: "::1" }\n`, ["line 4: dns.ipv6: unreachable"]],
    ["IPv6 addresses for a network that has no use for them", `${REST}networks: { proxy6: fd80:10:1::/64 }\n`, ["line 4: networks.proxy6: useless"]],
    ["the port of a default", `${REST}ports:\n  http: 443\n`, ["line 4: ports.https: duplicate"]],
    ["the port of a default, the other way", `${REST}ports: { https: 80 }\n`, ["line 4: ports.https: duplicate"]],
    [
      "one port for both, beside another mistake in the block",
      `${REST}ports:\n  address: localhost\n  http: 8443\n  https: 8443\n  quic: 443\n`,
      ["line 5: ports.address: form", "line 7: ports.https: duplicate", "line 8: ports.quic: unknown"],
    ],
    ["networks that overlap", `${REST}networks: { proxy: 10.0.0.0/16, backend: 10.0.1.0/24 }\n`, ["line 4: networks: overlap"]],
    ["a network that overlaps a default", `${REST}networks:\n  proxy: 172.30.0.0/16\n`, ["line 4: networks: overlap", "line 4: networks: overlap"]],
    [
      "networks that overlap, beside one that is none",
      `${REST}networks: { proxy: 10.0.0.0/16, backend: 10.0.1.0/24, database: none }\n`,
      ["line 4: networks.database: form", "line 4: networks: overlap"],
    ],
    ["memory and bufferPool", `${REST}database:\n  bufferPool: 2G\n  memory: 2G\n`, ["line 6: database.memory: size"]],
    ["bufferPool and the default of memory", `${REST}database:\n  bufferPool: 1G\n`, ["line 4: database.memory: size"]],
    [
      "memory of the wiki and phpMemory",
      `domain: wiki.example.com\n${USERS}wiki:\n  admin: { email: admin@example.com }\n  memory: 1G\n  phpMemory: 900M\n`,
      ["line 6: wiki.phpMemory: size"],
    ],
    [
      "phpMemory and the default of the wiki's memory",
      `domain: wiki.example.com\n${USERS}wiki: { admin: { email: admin@example.com }, phpMemory: 1G }\n`,
      ["line 3: wiki.phpMemory: size"],
    ],
    [
      "limits of expensive requests that are too small",
      `domain: wiki.example.com\n${USERS}wiki:\n  admin: { email: admin@example.com }\n  phpMemory: 32M\n  timeLimit: 1s\n`,
      ["line 5: wiki.phpMemory: size", "line 6: wiki.timeLimit: size"],
    ],
    [
      "memory and bufferPool, beside other mistakes in the block",
      `${REST}database:\n  version: 8.4\n  bufferPool: 2G\n  memory: 1G\n  cpus: many\n  size: 1\n`,
      ["line 5: database.version: choice", "line 7: database.memory: size", "line 8: database.cpus: number", "line 9: database.size: unknown"],
    ],
    ["memory that is no size beside its bufferPool", `${REST}database: { bufferPool: 2G, memory: 1 }\n`, ["line 4: database.memory: text"]],
    [
      "all relations and mistakes of form elsewhere",
      `domain: localhost\ntimezone: Mars\nports:\n  http: 443\nnetworks:\n  proxy: 172.30.30.0/24\nwiki:\n  admin:\n    email: admin\n    nmae: Alice\ndatabase:\n  bufferPool: 768M\nimages:\n  mysql: mysql:latest\n${USERS}`,
      [
        "line 1: domain: form",
        "line 2: timezone: form",
        "line 3: ports.https: duplicate",
        "line 5: networks: overlap",
        "line 9: wiki.admin.email: form",
        "line 10: wiki.admin.nmae: unknown, meant wiki.admin.name",
        "line 11: database.memory: size",
        "line 14: images.mysql: unpinned",
      ],
    ],
  ],
  backups: [
    ["a time of day with one digit", `${REST}backup: { at: "2:00" }\n`, ["line 4: backup.at: form"]],
    ["a time of a week without a day", `${REST}backup: { drill: "04:00" }\n`, ["line 4: backup.drill: form"]],
    ["no set kept", `${REST}backup: { keep: 0 }\n`, ["line 4: backup.keep: number"]],
    [
      "remotes that lack what their kind needs, or have what it does not know",
      `${REST}backup:\n  remotes:\n    - { name: a, kind: s3, path: "nas:x" }\n    - { name: b, kind: b2, bucket: wiki, endpoint: "https://s3.example.com" }\n    - { name: c, kind: rclone }\n`,
      [
        "line 6: backup.remotes.0.bucket: needed",
        "line 6: backup.remotes.0.endpoint: needed",
        "line 6: backup.remotes.0.path: unsupported",
        "line 7: backup.remotes.1.endpoint: unsupported",
        "line 7: backup.remotes.1.region: needed",
        "line 8: backup.remotes.2.path: needed",
      ],
    ],
    [
      "remotes whose values do not fit their kind",
      `${REST}backup:\n  remotes:\n    - { name: a, kind: sftp, host: localhost, path: "nas:x", user: wiki }\n    - { name: b, kind: rest, endpoint: "http://backup.example.com", user: wiki }\n    - { name: c, kind: local, path: /etc/backup }\n    - { name: d, kind: b2, bucket: wiki, region: eu, ca: no }\n    - { name: e, kind: rclone, path: /mnt, uploadLimit: 1K }\n`,
      [
        "line 6: backup.remotes.0.host: unreachable",
        "line 6: backup.remotes.0.hostKey: needed",
        "line 6: backup.remotes.0.path: form",
        "line 7: backup.remotes.1.endpoint: unsafe",
        'line 8: backup.remotes.2.path: "/etc/backup" is a directory of the system; mount the disk at a directory of its own, such as /mnt/backup',
        "line 9: backup.remotes.3.ca: unsupported",
        "line 9: backup.remotes.3.ca: form",
        "line 9: backup.remotes.3.region: form",
        "line 10: backup.remotes.4.path: form",
        "line 10: backup.remotes.4.uploadLimit: size",
      ],
    ],
    [
      "a remote by SFTP without its host key, and paths of another kind",
      `${REST}backup:\n  remotes:\n    - { name: a, kind: sftp, host: nas.example.com, path: "nas:x", user: wiki }\n    - { name: b, kind: rclone, path: /mnt }\n    - { name: c, kind: b2, bucket: wiki, region: eu }\n`,
      [
        "line 6: backup.remotes.0.hostKey: needed",
        "line 6: backup.remotes.0.path: form",
        "line 7: backup.remotes.1.path: form",
        "line 8: backup.remotes.2.region: form",
      ],
    ],
    [
      "two remotes of one name",
      `${REST}backup:\n  remotes:\n    - { name: a, kind: rclone, path: "x:y" }\n    - { name: a, kind: rclone, path: "x:z" }\n`,
      ["line 7: backup.remotes.1.name: duplicate"],
    ],
  ],
  "numbers and words that mean something else to programs that read YAML 1.1": [
    [
      "a number with a zero in front",
      `${REST}ports: { http: 0120 }\n`,
      ["line 4: 0120 is 120 here, and an octal number elsewhere; write 120, or 0o… for an octal number"],
    ],
    ["on and off", `${REST}protectData: On\nmonitoring: { enabled: off }\n`, ["line 4: protectData: boolean", "line 5: monitoring.enabled: boolean"]],
    ["a time of day for a length of time", `${REST}signOn: { session: 22:30 }\n`, ["line 4: signOn.session: form"]],
    ["YAML 1.1 asked for, and nothing else wrong", `%YAML 1.1\n---\n${REST}`, [YAML_1_1]],
  ],
  "characters that no text has": [
    ["NUL in a comment", `${REST}# a\u0000b\n`, ["line 4: a control character (U+0000) that no text has; delete it, or save the file as plain text"]],
    [
      "escape in a value",
      `${REST}timezone: "\u001b[31mUTC"\n`,
      ["line 4: a control character (U+001B) that no text has; delete it, or save the file as plain text"],
    ],
  ],
  "line ends": [
    ["of Windows", `domain: localhost\r\n${WIKI.trim()}\r\ntimezone: Mars\r\n`, ["line 1: domain: form", "line 4: timezone: form"]],
    [
      "of Windows after a byte order mark",
      `\uFEFFdomain: localhost\r\n${WIKI.trim()}\r\ntimezone: Mars\r\n`,
      ["line 1: domain: form", "line 4: timezone: form"],
    ],
    ["none at the end", `${REST}timezone: Mars`, ["line 4: timezone: form"]],
    [
      "of old Macintosh computers",
      REST.replaceAll("\n", "\r"),
      ["the lines end with a carriage return alone; save the file with line ends of Unix or Windows"],
    ],
  ],
  "mail and webhooks": [
    ...["localhost", "smtp.localhost", "127.0.0.1", "::1", "localhost.localdomain"].map(
      (host): BrokenFile => [
        `a mail server that is the container itself: ${host}`,
        `${REST}mail: { host: "${host}", from: wiki@example.com }\n`,
        ["line 4: mail.host: unreachable"],
      ],
    ),
    [
      "a database that is this machine, its own account as the administrator, and no authority",
      `${REST}database: { external: { host: localhost, admin: backup } }\n`,
      ["line 4: database.external.admin: form", "line 4: database.external.ca: missing", "line 4: database.external.host: unreachable"],
    ],
    [
      "a database by its address, and a size for the container that it replaces",
      `${REST}database: { bufferPool: 512M, external: { host: 192.0.2.33, ca: no } }\n`,
      ["line 4: database.external.ca: form", "line 4: database.external.host: form"],
    ],
    [
      "a mail server by its address, and a greeting that is none",
      `${REST}mail: { host: 192.0.2.25, from: wiki@example.com, helo: "wiki_1" }\n`,
      ["line 4: mail.helo: form", "line 4: mail.host: form"],
    ],
    ["certificates that are none", `${REST}mail: { host: smtp.example.com, from: wiki@example.com, ca: mail.pem }\n`, ["line 4: mail.ca: form"]],
    [
      "a certificate that was cut off",
      `${REST}mail:\n  host: smtp.example.com\n  from: wiki@example.com\n  ca: |\n    -----BEGIN CERTIFICATE-----\n    MIIB\n    -----END CERTIFICATE-----\n`,
      ["line 7: mail.ca: form"],
    ],
    [
      "a private key, of which nothing is shown",
      `${REST}mail:\n  host: smtp.example.com\n  from: wiki@example.com\n  ca: |\n    -----BEGIN PRIVATE KEY-----\n    MIGHAgEAMBMGByqGSM49\n    -----END PRIVATE KEY-----\n`,
      ["line 7: mail.ca: unsafe"],
    ],
    [
      "webhooks that name no server",
      `${REST.replace("admin: {", 'webhooks: ["https://hooks.example.com/x", localhost, "192.0.2.1:443", "hooks.example.com:0", Hooks], admin: {')}`,
      [
        "line 2: wiki.webhooks.0: form",
        "line 2: wiki.webhooks.1: unreachable",
        "line 2: wiki.webhooks.2: form",
        "line 2: wiki.webhooks.3: form",
        "line 2: wiki.webhooks.4: form",
      ],
    ],
    [
      "a webhook twice",
      `${REST.replace("admin: {", 'webhooks: [hooks.example.com, "hooks.example.com:443"], admin: {')}`,
      ["line 2: wiki.webhooks.1: duplicate"],
    ],
    [
      "a webhook at the port of a mail server that does not begin with TLS",
      `${REST.replace("admin: {", 'webhooks: ["hooks.example.com:587"], admin: {')}mail: { host: smtp.example.com, from: wiki@example.com }\n`,
      [
        'line 2: wiki.webhooks.0: "hooks.example.com:587" has the port of mail, where the wiki reaches smtp.example.com alone; use another port for one of them',
      ],
    ],
  ],
  "monitoring and alerts": [
    ["an address without a server", `${REST}alerts: { email: ops@example.com }\n`, ["line 4: alerts.email: inconsistent"]],
    ["a password in clear", `${REST}mail: { host: smtp.example.com, from: wiki@example.com, user: wiki, tls: false }\n`, ["line 4: mail.tls: unsafe"]],
    [
      "a window in which nothing is counted",
      `${REST}monitoring: { interval: 1m }\nalerts: { window: 90s }\n`,
      ["line 5: alerts.window: 1m30s holds no two looks of monitoring.interval 1m0s; give twice as much or more"],
    ],
    [
      "thresholds that are none",
      `${REST}alerts:\n  thresholds:\n    cpuPercent: 101\n    bans: 0\n    queryTime: 5\n`,
      ["line 6: alerts.thresholds.cpuPercent: number", "line 7: alerts.thresholds.bans: number", "line 8: alerts.thresholds.queryTime: text"],
    ],
  ],
};

/** Kind of problem → a file that has one, and the whole message. */
export const SENTENCES: Readonly<Record<string, readonly [text: string, message: string]>> = {
  unknown: [
    `${REST}docker: &docker { host: "unix:///var/run/docker.sock" }\nports: *docker\n`,
    "line 5: ports.host is not known; did you mean docker.host or host or standby.docker.host or mail.host or database.external.host?",
  ],
  missing: [WIKI, NO_DOMAIN],
  needed: [
    `${REST}docker: { host: "tcp://203.0.113.10:2376" }\nhost: {}\n`,
    "line 5: host.ssh: needed, because docker.host is tcp://203.0.113.10:2376; without it the machine that runs Terraform would be hardened; add it, with address: 203.0.113.10",
  ],
  empty: [
    `${REST}images: !!set { traefik }\n`,
    `line 4: images.traefik must be a text such as registry.example.com/traefik:v3.7.11, got nothing${OR_LEAVE_OUT}`,
  ],
  block: [`domain: wiki.example.com\nwiki: admin@example.com\n${USERS}`, 'line 2: wiki must be a block of keys, got "admin@example.com"'],
  number: [`${REST}ports: { http: 80.5 }\n`, "line 4: ports.http must be a whole number from 1 to 65535, got 80.5"],
  boolean: [`${REST}protectData: !!str true\n`, 'line 4: protectData must be true or false, got "true"; write it without quotes'],
  list: [`${REST}access: { proxies: 192.0.2.0/24 }\n`, 'line 4: access.proxies must be a list such as [192.0.2.0/24], got "192.0.2.0/24"'],
  text: [
    `domain: wiki.example.com\nwiki: { admin: { email: admin@example.com, name: 0042 } }\n${USERS}`,
    'line 2: wiki.admin.name must be a text such as Administrator, got 0042; write it in quotes: "0042"',
  ],
  choice: [`${REST}database: { version: 8.4 }\n`, 'line 4: database.version must be "8.4" or "8.0", got 8.4; write it in quotes: "8.4"'],
  useless: [
    `${REST}traefik: { rateLimit: { trusted: { perMinute: 1000, burst: 500 } } }\n`,
    "line 4: traefik.rateLimit.trusted: has no effect without networks that it is for; remove it, or name them in access.trusted",
  ],
  duplicate: [`${REST}domain: wiki.example.org\n`, "line 4: domain is already in line 1; keep one of them"],
  overlap: [
    `${REST}networks: { proxy: 10.0.0.0/16, backend: 10.0.1.0/24 }\n`,
    "line 4: networks: proxy 10.0.0.0/16 overlaps backend 10.0.1.0/24; give each network a separate range",
  ],
  size: [`${REST}traefik: { memory: 9999999999T }\n`, 'line 4: traefik.memory: "9999999999T" is more than can be counted'],
  unreachable: [
    `${REST}dns: { provider: cloudflare, zone: example.com, ipv4: 203.0.113.10, ipv6: "2001:DB8::10" }\n`,
    'line 4: dns.ipv6: 2001:db8::10 does not answer, because the wiki listens on IPv4 only; add ports.ipv6: "::", or remove dns.ipv6',
  ],
  // nothing of the key is shown
  unsafe: [
    `${REST}mail:\n  host: smtp.example.com\n  from: wiki@example.com\n  ca: |\n    -----BEGIN PRIVATE KEY-----\n    MIGHAgEAMBMGByqGSM49\n    -----END PRIVATE KEY-----\n`,
    "line 7: mail.ca holds a private key (not shown); remove it and revoke it, because others may have read this file; secrets are stored with: npm run secret -- <environment> <name>; a deploy says which are missing",
  ],
  inconsistent: [
    `${REST}docker: { host: "ssh://deploy@203.0.113.10:2222" }\nhost: { ssh: { address: 203.0.113.10, hostKeys: [${GOOD_KEY}] } }\n`,
    "line 5: host.ssh: connects to port 22 of 203.0.113.10, but docker.host to its port 2222; use the same port in both",
  ],
  unpinned: [
    `${REST}images:\n  traefik: traefik\n  bookstack: solidnerd/bookstack:latest\n  mysql: MySQL:8.4\n`,
    'line 5: images.traefik: "traefik" names no version; add the exact tag, such as :v3.7.11',
  ],
  unsupported: [
    `${REST}backup:\n  remotes:\n    - { name: a, kind: s3, path: "nas:x" }\n    - { name: b, kind: b2, bucket: wiki, endpoint: "https://s3.example.com" }\n    - { name: c, kind: rclone }\n`,
    "line 6: backup.remotes.0.path: means nothing for s3; take it out",
  ],
  form: [`domain: &name wiki.example.com\ntimezone: *name\n${WIKI}`, 'line 2: timezone: "wiki.example.com" is no time zone; write it like Europe/Paris or UTC'],
};
