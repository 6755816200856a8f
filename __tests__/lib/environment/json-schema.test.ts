import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv, { type ValidateFunction } from "ajv";
import fc from "fast-check";
import { parse } from "yaml";
import { ConfigurationError } from "../../../constructs/core/errors";
import { environmentJsonSchema, schemaText } from "../../../lib/environment/json-schema";
import { parseEnvironment } from "../../../lib/environment/load";
import { environmentDocument } from "./arbitraries";

const ENVIRONMENTS = join(__dirname, "..", "..", "..", "environments");
const textOf = (file: string) => readFileSync(join(ENVIRONMENTS, file), "utf8");

/** What editors do with a file. */
function editor(): ValidateFunction {
  // shown by editors, unknown to the standard
  return new Ajv({ allErrors: true, keywords: ["patternErrorMessage"] }).compile(environmentJsonSchema());
}

const validate = editor();

/** Places that an editor would underline. */
function underlined(text: string): string[] {
  validate(parse(text));
  return [...new Set((validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`))].sort();
}

test("environments/schema.json is the schema of this code; otherwise run: npm run schema", () => {
  expect(textOf("schema.json")).toBe(schemaText());
});

test("is draft 7, which the language server of YAML reads in full", () => {
  expect(environmentJsonSchema()).toMatchObject({ $schema: "http://json-schema.org/draft-07/schema#", additionalProperties: false });
});

test.each(["local.yaml", "production.example.yaml"])("%s is good, and tells editors its schema in the first line", (file) => {
  expect(underlined(textOf(file))).toEqual([]);
  expect(textOf(file).split("\n")[0]).toBe("# yaml-language-server: $schema=schema.json");
});

test("tells editors what each key is", () => {
  const undescribed = (schema: Block, path: string): string[] => [
    ...(typeof schema.description === "string" && schema.description.length > 4 ? [] : [path]),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => undescribed(inner, `${path}.${key}`)),
  ];
  expect(undescribed(environmentJsonSchema() as Block, "")).toEqual([]);
});

interface Block {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Block>>;
}

const USERS = "users: [{ name: alice, displayName: Alice, email: alice@example.com }]\n";
const REST = `domain: wiki.example.com\n${USERS}wiki: { admin: { email: admin@example.com } }\n`;

test.each([
  ["an empty block", "{}\n", [" required"]],
  ["a list", "[]\n", [" type"]],
  ["a block without its required key", `domain: wiki.example.com\n${USERS}wiki: { admin: {} }\n`, ["/wiki/admin required"]],
  ["unknown keys", `${REST}smtp: {}\nports: { quic: 443 }\n`, [" additionalProperties", "/ports additionalProperties"]],
  ["a domain", `domain: https://wiki.example.com\n${USERS}wiki: { admin: { email: admin } }\n`, ["/domain pattern", "/wiki/admin/email pattern"]],
  ["a domain that leaves no room", `domain: ${"wiki.".repeat(50)}example.com\n${USERS}wiki: { admin: { email: admin@example.com } }\n`, ["/domain maxLength"]],
  ["an address for a domain", `domain: 203.0.113.10\n${USERS}wiki: { admin: { email: admin@example.com } }\n`, ["/domain pattern"]],
  ["a time zone", `${REST}timezone: europe/paris\n`, ["/timezone pattern"]],
  ["a Docker host", `${REST}docker: { host: "http://203.0.113.10:2375" }\n`, ["/docker/host pattern"]],
  ["backend and issuer", `${REST}state: { backend: s3 }\ntls: { issuer: none }\n`, ["/state/backend enum", "/tls/issuer enum"]],
  ["ports of another type", `${REST}ports: { http: "80", https: 443.5 }\n`, ["/ports/http type", "/ports/https type"]],
  ["ports out of range", `${REST}ports: { http: 0, https: 65536 }\n`, ["/ports/http minimum", "/ports/https maximum"]],
  ["ports that are used", `${REST}ports: { http: 8080, https: 8082 }\n`, ["/ports/http not", "/ports/https not"]],
  ["an address", `${REST}ports: { address: localhost }\n`, ["/ports/address pattern"]],
  [
    "networks",
    `${REST}networks: { proxy: 10.0.0.0/8, backend: 10.0.0.0, database: "fd00::/64" }\n`,
    ["/networks/backend pattern", "/networks/database pattern", "/networks/proxy pattern"],
  ],
  ["a truth value", `${REST}protectData: yes\n`, ["/protectData type"]],
  ["sizes", `${REST}traefik: { memory: 512 }\ndatabase: { bufferPool: 1 GB }\n`, ["/database/bufferPool pattern", "/traefik/memory type"]],
  ["processors", `${REST}traefik: { cpus: 0 }\ndatabase: { cpus: 65 }\n`, ["/database/cpus maximum", "/traefik/cpus minimum"]],
  [
    "a version without quotes",
    `${REST}database: { version: 8.4, slowQuery: soon }\n`,
    ["/database/slowQuery pattern", "/database/version enum", "/database/version type"],
  ],
  [
    "a language and a name",
    `domain: wiki.example.com\n${USERS}wiki: { language: French, admin: { email: admin@example.com, name: " " } }\n`,
    ["/wiki/admin/name pattern", "/wiki/language pattern"],
  ],
  ["images", `${REST}images: { traefik: traefik, mysql: "MySQL:8.4" }\n`, ["/images/mysql pattern", "/images/traefik pattern"]],
  ["no users", "domain: wiki.example.com\nwiki: { admin: { email: admin@example.com } }\nusers: []\n", ["/users minItems"]],
  ["no users", "domain: wiki.example.com\nwiki: { admin: { email: admin@example.com } }\n", [" required"]],
  [
    "people",
    "domain: wiki.example.com\nwiki: { admin: { email: admin@example.com } }\nusers: [{ name: Alice, group: [admin], displayName: A }]\n",
    ["/users/0 additionalProperties", "/users/0 required", "/users/0/name pattern"],
  ],
  ["mail without a sender", `${REST}mail: { host: SMTP }\n`, ["/mail required", "/mail/host pattern"]],
  ["single sign-on", `${REST}signOn: { session: soon, tries: 0 }\n`, ["/signOn/session pattern", "/signOn/tries minimum"]],
  ["a log that is no path", `${REST}crowdsec: { hostLog: auth.log, appsec: "on" }\n`, ["/crowdsec/appsec type", "/crowdsec/hostLog pattern"]],
  ["nothing for a block", `${REST}docker:\n`, ["/docker type"]],
])("editors underline %s, and the loader refuses it", (_, text, places) => {
  expect(underlined(text)).toEqual(places);
  expect(() => parseEnvironment("broken", text, "broken.yaml")).toThrow(ConfigurationError);
});

test("editors underline nothing that the loader accepts", () => {
  let accepted = 0;
  fc.assert(
    fc.property(environmentDocument(), (text) => {
      if (!isAccepted(text)) return;
      accepted += 1;
      expect(underlined(text)).toEqual([]);
    }),
    { numRuns: 400, interruptAfterTimeLimit: 3000 },
  );
  expect(accepted).toBeGreaterThan(0);
});

function isAccepted(text: string): boolean {
  try {
    parseEnvironment("any", text, "any.yaml");
    return true;
  } catch {
    return false;
  }
}
