import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { environmentJsonSchema } from "../../../lib/environment/json-schema";
import { parseEnvironment } from "../../../lib/environment/load";
import type { Path } from "../../../lib/environment/problems/finding";
import { isOptional, keyPaths, keysAt, schemaAt } from "../../../lib/environment/problems/schema-walk";
import { environmentSchema } from "../../../lib/environment/schema";
import { exampleEnvironment } from "../../support/example";
import { AUTHORITY } from "./arbitraries";
import { plain } from "./plain";

const TEXT = readFileSync(join(__dirname, "..", "..", "..", "environments", "production.example.yaml"), "utf8");
/** The example with the keys switched on that it shows in comments: those have no space between `#` and the key, or those of its block. */
const COMPLETE = TEXT.replace(/^#(?=\S| {2}(?: {2})?\S+:| {2}(?: {2})?#| {4}(?: {2})?\S+(?: CERTIFICATE-----)?$)/gm, "");

/** The comment right above each key, by the key's path. */
function comments(): Map<string, string> {
  const found = new Map<string, string>();
  const path: string[] = [];
  let comment: string[] = [];
  for (const line of COMPLETE.split("\n")) {
    const [, indent = "", key] = /^( *)(\w+):/.exec(line) ?? [];
    if (key !== undefined) {
      path.splice(indent.length / 2, Number.POSITIVE_INFINITY, key);
      found.set(path.join("."), comment.join(" "));
    }
    comment = line.trimStart().startsWith("#") ? [...comment, line.trimStart().slice(2)] : [];
  }
  return found;
}

/** No more than what is required, also in the blocks that may be left out as a whole. */
const LEAST = `domain: wiki.example.com
users: [{ name: alice, displayName: Alice, email: alice@example.com }]
mail: { host: smtp.example.com, from: wiki@example.com }
wiki: { admin: { email: admin@example.com }, uploads: { path: /mnt/wiki } }
database: { external: { host: db.example.com, ca: ${JSON.stringify(AUTHORITY)} } }
`;
/** The same for a host that is hardened, which cannot go without saying where it is. */
const LEAST_HOST = `docker: { host: "ssh://deploy@203.0.113.10" }
host: { ssh: { address: 203.0.113.10, hostKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw] } }
`;

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

const PATHS = keyPaths(environmentSchema).map((path) => path.map(String));
const LEAVES = PATHS.filter((path) => keysAt(path, environmentSchema).length === 0);
const COMMENTS = comments();
const commentOn = (path: Path) => COMMENTS.get(path.join(".")) ?? "";

test("is an environment", () => {
  expect(exampleEnvironment()).toMatchObject({ name: "production", domain: "wiki.example.com", protectData: true });
});

test("is an environment with what it shows in comments, too", () => {
  const shown = plain(exampleEnvironment()) as { docker: object; ports: object; tls: { challenge: object }; mail: { ca: string }; wiki: object };
  // the example's Docker host is reached by SSH, where there are none; a standby has no database elsewhere
  const withoutCertificates = COMPLETE.replace(/^ *certificates: .*\n/m, "").replace(/^standby:\n( .*\n)+/m, "");
  // a database elsewhere has no container with these
  // a cluster has none of the hardened host, the monitoring and mail yet
  const onOneHost = withoutCertificates.replace(/^cluster:\n(?: .*\n)+/m, "");
  const text = onOneHost.replace(/^database:[\s\S]*?external:/m, (block) => block.replace(/^ {2}(bufferPool|slowQuery|memory|cpus): .*\n/gm, ""));
  expect(plain(parseEnvironment("production", text, "production.example.yaml"))).toEqual({
    ...shown,
    production: true,
    docker: { ...shown.docker, registryLogins: ["registry.example.com"] },
    terraform: "tofu",
    providers: { docker: 4 },
    tls: { ...shown.tls, challenge: { ...shown.tls.challenge, secrets: ["CF_ZONE_API_TOKEN"] }, ca: shown.mail.ca },
    ports: { ...shown.ports, public: 443 },
    database: {
      ...{ version: "8.4", bufferPool: "256M", slowQuery: "1s", memory: "1G", cpus: 2 },
      external: { host: "wiki-db.example.com", port: 3306, ca: shown.mail.ca, admin: "admin" },
    },
    wiki: { ...shown.wiki, uploads: { path: "/mnt/wiki" } },
    state: { backend: "cloud", organization: "example", workspace: "wiki-production", project: "wikis", hostname: "terraform.example.com" },
    images: {
      authelia: "registry.example.com/authelia/authelia:4.39.20",
      traefik: "registry.example.com/traefik:v3.7.11",
      crowdsec: "registry.example.com/crowdsec:v1.7.8",
      bookstack: "registry.example.com/solidnerd/bookstack:26.5.1",
      mysql: "registry.example.com/mysql:8.4.11",
      backup: "registry.example.com/backup:8.4-0.19.1",
      link: "registry.example.com/link:8.4.11",
      prometheus: "registry.example.com/prom/prometheus:v3.14.0",
      alertmanager: "registry.example.com/prom/alertmanager:v0.33.1",
      grafana: "registry.example.com/grafana/grafana:12.4.12",
      nodeExporter: "registry.example.com/prom/node-exporter:v1.12.1",
      mysqldExporter: "registry.example.com/prom/mysqld-exporter:v0.20.0",
      mirrors: { "docker.io": "mirror.example.com/hub" },
    },
  });
});

test("shows every key of the schema, in the same order", () => {
  const shown = (value: unknown, path: readonly string[] = []): string[] =>
    typeof value === "object" && value !== null && !Array.isArray(value) && keysAt(path, environmentSchema).length > 0
      ? Object.entries(value).flatMap(([key, inner]) => [[...path, key].join("."), ...shown(inner, [...path, key])])
      : [];
  expect(shown(parse(COMPLETE))).toEqual(PATHS.map((path) => path.join(".")));
});

test("says something about every key", () => {
  expect(PATHS.filter((path) => commentOn(path).length < 15).map((path) => path.join("."))).toEqual([]);
});

test("has no line that is too long to be read", () => {
  expect(TEXT.split("\n").filter((line) => line.length > 160)).toEqual([]);
});

describe("names the default of each optional key, which is what is taken when it is left out", () => {
  const least = plain(parseEnvironment("least", LEAST, "least.yaml"));
  const withHost = plain(parseEnvironment("least", LEAST + LEAST_HOST, "least.yaml"));

  test.each(LEAVES.filter((path) => isOptional(schemaAt(path, environmentSchema))).map((path) => [path.join("."), path] as const))("%s", (_, path) => {
    const [, named] = /Default: (\w+day \S+|\S+)/.exec(commentOn(path)) ?? [];
    expect(named).toBe(String(valueAt(least, path) ?? valueAt(withHost, path) ?? "none"));
  });
});

test("says which keys are required", () => {
  const required = PATHS.filter((path) => /Required\./.test(commentOn(path))).map((path) => path.join("."));
  expect(required).toEqual([
    "domain",
    "host.ssh.address",
    "host.ssh.hostKeys",
    "cluster.nodes",
    "cluster.storage",
    "standby.docker",
    "standby.docker.host",
    "standby.docker.hostKey",
    "traefik.rateLimit.trusted.perMinute",
    "traefik.rateLimit.trusted.burst",
    "users",
    "mail.host",
    "mail.from",
    "wiki.admin",
    "wiki.admin.email",
    "wiki.uploads.path",
    "database.external.host",
    "database.external.ca",
  ]);
  expect(LEAVES.filter((path) => !isOptional(schemaAt(path, environmentSchema))).map((path) => path.join("."))).toEqual([
    "domain",
    "host.ssh.address",
    "host.ssh.hostKeys",
    "cluster.nodes",
    "cluster.storage",
    "standby.docker.host",
    "standby.docker.hostKey",
    "traefik.rateLimit.trusted.perMinute",
    "traefik.rateLimit.trusted.burst",
    "users",
    "mail.host",
    "mail.from",
    "wiki.admin.email",
    "wiki.uploads.path",
    "database.external.host",
    "database.external.ca",
  ]);
});

describe("names the range of each number and size", () => {
  const whole: Block = environmentJsonSchema();
  const rangeOf = (path: Path): string | undefined => {
    const schema = path.reduce<Block | undefined>((block, key) => block?.properties?.[String(key)], whole);
    if (schema?.minimum !== undefined) return `rom ${schema.minimum} to ${schema.maximum}`;
    const [, least, most] = /\((\w+) to (\w+)\)/.exec(schema?.description ?? "") ?? [];
    return least && `rom ${least} to ${most}`;
  };
  const ranges = LEAVES.map((path) => [path.join("."), path, rangeOf(path)] as const).filter(([, , range]) => range !== undefined);

  test("of which there are some", () => {
    expect(ranges.length).toBeGreaterThan(9);
  });

  test.each(ranges)("%s", (_, path, range) => {
    expect(commentOn(path)).toContain(range);
  });
});

interface Block {
  readonly properties?: Readonly<Record<string, Block>>;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}
