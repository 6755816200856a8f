import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { z } from "zod";
import { keyPaths, schemaAt, unwrap } from "../../../lib/environment/problems/schema-walk";
import { environmentSchema } from "../../../lib/environment/schema";
import { GOOD_VALUES } from "./arbitraries";

/** A plausible file. */
export interface StrangeFile {
  readonly name: string;
  readonly text: string | Buffer;
  /** Path of the unusual value; none if the file itself is unusual. */
  readonly path?: string;
  /** A part of a secret that no message may show. */
  readonly secret?: string;
}

type Block = Record<string, unknown>;

const EXAMPLE = parse(readFileSync(join(__dirname, "..", "..", "..", "environments", "production.example.yaml"), "utf8")) as Block;
const USERS = "users: [{ name: alice, displayName: Alice, email: alice@example.com, groups: [admin] }]\n";
const REST = `domain: wiki.example.com\n${USERS}wiki: { admin: { email: admin@example.com } }\n`;

/** Values that belong nowhere, or to another kind of key. */
const VALUES: readonly unknown[] = [
  "",
  " ",
  -1,
  0,
  1e300,
  1.5,
  true,
  null,
  [],
  {},
  ["a", "b"],
  { a: 1 },
  "yes",
  "0755",
  "22:30",
  "~",
  "null",
  "../../etc/passwd",
  "/",
  "$(id)",
  "${HOME}",
  "%{ for }",
  "{{ .Env }}",
  "`id`",
  "a; rm -rf /",
  "-oProxyCommand=id",
  "two\nlines",
  "tab\there",
  "\u202Eevil",
  "\u200B",
  "\uD800",
  "é",
  "🦊",
  "x".repeat(600),
  "1ms",
  "99999h",
  "900G",
  "1K",
  "0.0.0.0/1",
  "::ffff:0.0.0.0/96",
  "localhost",
  "WIKI.EXAMPLE.COM",
  "wiki.local",
  "https://user@example.com/",
  "mysql:latest",
  "a@b@c",
  "__proto__",
  "<script>alert(1)</script>",
  "' OR 1=1 --",
  "\\x00",
  "\u001b[31mred",
];

const token = "abcdefghijklmnopqrstuvwxyz0123456789";
/** Secrets that people paste, and a part that must not be seen. */
const SECRETS: readonly (readonly [secret: string, part: string])[] = [
  [`ghp_${token}`, "abcdefghijkl"],
  [`glpat-${token}`, "abcdefghijkl"],
  ["AKIAIOSFODNN7EXAMPLE", "IOSFODNN7"],
  [`eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.${token}`, "abcdefghijkl"],
  ["-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END OPENSSH PRIVATE KEY-----", "b3BlbnNz"],
  ["https://deploy:hunter2hunter2@example.com/", "hunter2hunter2"],
  ["ssh://deploy:hunter2hunter2@203.0.113.10", "hunter2hunter2"],
  ["$2y$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ012345", "ABCDEFGH"],
  ["base64:3q2+7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "3q2+7wAA"],
  ["https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX", "XXXXXXXX"],
];

/** Keys with one value, those of entries of lists as well. */
const LEAVES: readonly string[] = [
  ...keyPaths(environmentSchema)
    .filter((path) => unwrap(schemaAt(path, environmentSchema) as z.ZodType).def.type !== "object")
    .map((path) => path.map(String).join(".")),
  ...["name", "displayName", "email", "groups.0", "previousNames.0"].map((key) => `users.0.${key}`),
  ...["name", "kind", "endpoint", "bucket", "prefix"].map((key) => `backup.remotes.0.${key}`),
  ...[
    "tls.challenge.variables.0",
    "tls.challenge.resolvers.0",
    "access.proxies.0",
    "access.trusted.0",
    "host.sshFrom.0",
    "host.ssh.hostKeys.0",
    "wiki.webhooks.0",
  ],
];

/** Blocks whose keys are only valid together with other blocks. */
const TOGETHER: Readonly<Record<string, readonly string[]>> = {
  docker: ["docker"],
  host: ["docker", "host"],
  tls: ["tls"],
  dns: ["dns", "ports"],
  mail: ["mail"],
  access: ["access"],
  backup: ["backup"],
  traefik: ["traefik", "access"],
  alerts: ["alerts", "mail", "docker", "host"],
  networks: ["networks", "ports"],
};
const NODES = [{ name: "wiki-a", roles: ["manager", "data", "wiki"] }];

/** A good file with one strange value. */
function withValue(path: string, value: unknown): string {
  const keys = path.split(".");
  const base = parse(REST) as Block;
  for (const block of TOGETHER[keys[0] ?? ""] ?? []) base[block] = structuredClone(EXAMPLE[block]);
  if (keys[0] === "wiki" && keys[1] === "webhooks") (base.wiki as Block).webhooks = ["hooks.example.com"];
  if (keys[1] === "external") base.database = { external: { host: "wiki-db.example.com", ca: (EXAMPLE.mail as Block).ca } };
  if (keys[0] === "cluster") Object.assign(base, { cluster: { nodes: NODES, storage: "/srv/wiki" }, providers: { docker: 4 }, monitoring: { enabled: false } });
  if (keys[0] === "users") (base.users as Block[])[0] = { ...(base.users as Block[])[0], previousNames: ["alison"] };
  let block: unknown = base;
  for (const [index, key] of keys.slice(0, -1).entries()) {
    const inner = (block as Block)[key] ?? (/^\d+$/.test(keys[index + 1] ?? "") ? [] : {});
    (block as Block)[key] = inner;
    block = inner;
  }
  (block as Block)[keys.at(-1) ?? ""] = value;
  return stringify(base, { lineWidth: 0 });
}

/** Each key with two strange values, another pair for each key; every second one with a good value in place of one of them, every twelfth with a secret. */
function strangeValues(): StrangeFile[] {
  return LEAVES.flatMap((path, index) => {
    const good = index % 2 === 0 ? (GOOD_VALUES[path] ?? []) : [];
    const files = [0, 1].map((turn) => {
      const strange = VALUES[(index * 2 + turn + Math.floor(index / VALUES.length)) % VALUES.length];
      const value = turn === 0 && good.length > 0 ? good[index % good.length] : strange;
      return { name: `${path}: ${JSON.stringify(value)?.slice(0, 40)}`, text: withValue(path, value), path };
    });
    if (index % 12 !== 0) return files;
    const [secret = "", part = ""] = SECRETS[(index / 12) % SECRETS.length] ?? [];
    return [...files, { name: `${path}: a secret`, text: withValue(path, secret), path, secret: part }];
  });
}

/** Files that are strange as a whole. */
const WRITINGS: Readonly<Record<string, string | Buffer>> = {
  empty: "",
  blank: "\n \n",
  "comments only": "# nothing\n",
  "a document mark": "---\n",
  null: "null\n",
  "a list": "- a\n- b\n",
  "a text": "hello\n",
  "a number": "42\n",
  "%YAML 1.1": `%YAML 1.1\n---\n${REST}`,
  "%YAML 1.2": `%YAML 1.2\n---\n${REST}`,
  "another directive": `%TAG ! tag:x,2000:\n---\n${REST}`,
  "yes and no": `${REST}protectData: yes\nproduction: no\n`,
  "on and off": `${REST}protectData: on\nproduction: off\n`,
  octal: `${REST}ports: { http: 0755 }\n`,
  "octal of YAML 1.2": `${REST}ports: { http: 0o755 }\n`,
  hexadecimal: `${REST}ports: { http: 0x1F90 }\n`,
  sexagesimal: `${REST}backup: { at: 22:30 }\n`,
  "a sexagesimal port": `${REST}ports: { http: 22:30 }\n`,
  "thousands with underscores": `${REST}ports: { http: 8_081 }\n`,
  "a key twice": `${REST}timezone: UTC\ntimezone: Europe/Paris\n`,
  "a block twice": `${REST}wiki: { language: fr }\n`,
  "a tab as indentation": `${REST}ports:\n\thttp: 8081\n`,
  "tabs after values": `${REST}timezone: UTC\t\n`,
  "an anchor and its alias": `${REST}traefik: { memory: &m 300M }\nauthelia: { memory: *m }\n`,
  "an alias of nothing": `${REST}timezone: *zone\n`,
  "an alias of itself": `${REST}ports: &p [*p]\n`,
  merging: `${REST}a: &a { cpus: 1 }\ntraefik: { <<: *a }\n`,
  "a bomb of aliases": `${REST}a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c]\n`,
  "a bomb of merging": `${REST}a: &a { x: 1 }\nb: &b { <<: [*a, *a] }\nc: { <<: [*b, *b] }\n`,
  "a hundred levels": `${REST}a: ${"{a: ".repeat(100)}1${"}".repeat(100)}\n`,
  "ten thousand levels": `a: ${"[".repeat(10_000)}\n`,
  "two documents": `${REST}---\n${REST}`,
  "three documents": `---\n${REST}---\n---\n`,
  "an end of document": `${REST}...\n`,
  "a byte order mark": `\uFEFF${REST}`,
  "two byte order marks": `\uFEFF\uFEFF${REST}`,
  "UTF-16": Buffer.from(`\uFEFF${REST}`, "utf16le"),
  "UTF-16, the other order": Buffer.from(`\uFEFF${REST}`, "utf16le").swap16(),
  "UTF-16 without a mark": Buffer.from(REST, "utf16le"),
  "Latin-1": Buffer.from(`${REST}# é\n`, "latin1"),
  "line ends of Windows": REST.replaceAll("\n", "\r\n"),
  "line ends of old Macintosh computers": REST.replaceAll("\n", "\r"),
  "mixed line ends": REST.replace("\n", "\r\n"),
  "no line end at the end": REST.trimEnd(),
  "NUL in a comment": `${REST}# \u0000\n`,
  "NUL in a value": `${REST}timezone: "UTC\u0000"\n`,
  "NUL in a key": `${REST}"time\u0000zone": UTC\n`,
  "a program": Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0]),
  "random bytes": Buffer.from(Array.from({ length: 200 }, (_, index) => (index * 89 + 41) % 256)),
  "5 MB": `${REST}${"# more\n".repeat(750_000)}`,
  "a tag": `${REST}timezone: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n`,
  "a tag of Python": `${REST}timezone: !!python/object/apply:os.system ["id"]\n`,
  "a tag that fits": `${REST}timezone: !!str UTC\n`,
  "a text in several lines": `${REST}timezone: |\n  UTC\n`,
  "a folded text": `${REST}timezone: >-\n  UTC\n`,
  "a list as a key": `${REST}? [a, b]\n: 1\n`,
  "numbers as keys": `${REST}1: a\n2: b\n`,
  "an empty key": `${REST}"": 1\n`,
  "keys of every object": `${REST}__proto__: { production: true }\nconstructor: 1\n`,
  "a conflict of git": `<<<<<<< HEAD\n${REST}=======\n${REST}>>>>>>> other\n`,
  JSON: JSON.stringify(parse(REST)),
  "JSON with a comma at the end": '{ "domain": "wiki.example.com", }',
  "a Windows path": `${REST}docker: { certificates: "C:\\Users\\me" }\n`,
  "quotes of a word processor": `${REST}timezone: “UTC”\n`,
  "blanks that do not break": `${REST}timezone:\u00A0UTC\n`,
  "a file of Compose": "services:\n  wiki:\n    image: bookstack:latest\n    ports: ['80:80']\n",
  "keys of another case": `${REST}TimeZone: UTC\n`,
  "a path as key": `${REST}ports.http: 8081\n`,
  "501 users": `domain: wiki.example.com\nwiki: { admin: { email: admin@example.com } }\nusers:\n${Array.from({ length: 501 }, (_, index) => `  - { name: u${index}, displayName: U, email: u${index}@example.com }\n`).join("")}`,
};

/** Some four hundred files. */
export const STRANGE_FILES: readonly StrangeFile[] = [...Object.entries(WRITINGS).map(([name, text]) => ({ name, text })), ...strangeValues()];
