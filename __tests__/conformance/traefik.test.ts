import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv, { type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { parse } from "yaml";
import { WikiStack } from "../../lib/wiki-stack";
import { exampleEnvironment, localEnvironment } from "../support/example";
import { describeUnless, missingSchemas, SCHEMAS } from "../support/needs";
import { type PlannedFile, read, testApp } from "../support/plan";

const files = [localEnvironment(), exampleEnvironment()].flatMap((environment) =>
  read(new WikiStack(testApp(), environment))
    .files()
    .filter(({ container }) => container === "local-traefik" || container === "production-egress"),
);

/** What Traefik has got since its schema was written; the e2e level shows that it takes it. */
function withLayers(schema: { definitions: Record<string, { required?: string[]; properties: Record<string, object> }> }): object {
  const { httpRouter, ipStrategy, httpLoadBalancerService } = schema.definitions;
  if (httpRouter) httpRouter.required = ["rule"];
  Object.assign(httpRouter?.properties ?? {}, { parentRefs: { type: "array", items: { type: "string" } } });
  Object.assign(ipStrategy?.properties ?? {}, { ipv6Subnet: { type: "integer", minimum: 1, maximum: 128 } });
  const { properties = {} } = (httpLoadBalancerService?.properties.healthCheck ?? {}) as { properties?: Record<string, object> };
  properties.unhealthyInterval = { type: "string" };
  return schema;
}

/** What the schema has to say against a file; nothing when all is well. */
function problems(schema: ValidateFunction, { text }: Pick<PlannedFile, "text">): string[] {
  return schema(parse(text)) ? [] : (schema.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describeUnless(missingSchemas(), "files of Traefik", () => {
  const compiled = (name: string, newer = (schema: object) => schema) =>
    addFormats(new Ajv({ strict: false, allErrors: true, logger: false })).compile(newer(JSON.parse(readFileSync(join(SCHEMAS, name), "utf8"))));
  let staticSchema: ValidateFunction;
  let dynamicSchema: ValidateFunction;
  beforeAll(() => {
    staticSchema = compiled("traefik-v3.json");
    dynamicSchema = compiled("traefik-v3-file-provider.json", withLayers as (schema: object) => object);
  });
  const dynamic = files.filter(({ path }) => path.startsWith("dynamic/"));

  test("are all known here", () => {
    expect(files.filter(({ path }) => path !== "traefik.yml" && !dynamic.some((file) => file.path === path))).toEqual([]);
    expect(dynamic.length).toBeGreaterThanOrEqual(2);
  });

  test("traefik.yml is as its schema wants it", () => {
    expect(files.filter(({ path }) => path === "traefik.yml").flatMap((file) => problems(staticSchema, file))).toEqual([]);
  });

  test.each(dynamic)("$path of $container is as its schema wants it", (file) => {
    expect(problems(dynamicSchema, file)).toEqual([]);
  });

  test.each([
    ["a key that Traefik does not have", "entryPoints: { web: { adress: ':80' } }", "must NOT have additional properties"],
    ["a value of another type", "global: { checkNewVersion: never }", "must be boolean"],
  ])("traefik.yml would be refused with %s", (_, text, reason) => {
    expect(problems(staticSchema, { text }).join()).toContain(reason);
  });

  test.each([
    ["a key that Traefik does not have", "http: { routers: { a: { rulez: 'Host(`a`)', service: a } } }", "must NOT have additional properties"],
    ["servers that are no list", "http: { services: { a: { loadBalancer: { servers: 'http://a' } } } }", "must be array"],
  ])("a dynamic file would be refused with %s", (_, text, reason) => {
    expect(problems(dynamicSchema, { text }).join()).toContain(reason);
  });
});
