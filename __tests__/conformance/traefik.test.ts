import type { ValidateFunction } from "ajv";
import { parse } from "yaml";
import { planned } from "../support/application";
import { exampleEnvironment, localEnvironment } from "../support/example";
import { compiledSchema } from "../support/foreign-schemas";
import type { PlannedFile } from "../support/plan";

const files = [localEnvironment(), exampleEnvironment()].flatMap((environment) =>
  planned(environment)
    .files()
    .filter(({ container }) => container === "local-traefik" || container === "production-egress"),
);

/** What the schema has to say against a file; nothing when all is well. */
function problems(schema: ValidateFunction, { text }: Pick<PlannedFile, "text">): string[] {
  return schema(parse(text)) ? [] : (schema.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe("files of Traefik", () => {
  let staticSchema: ValidateFunction;
  let dynamicSchema: ValidateFunction;
  beforeAll(() => {
    staticSchema = compiledSchema("traefik-v3.json");
    dynamicSchema = compiledSchema("traefik-v3-file-provider.json");
  });
  const dynamic = files.filter(({ path }) => path.startsWith("dynamic/"));

  test("are all known here", () => {
    // scripts are checked as such
    const known = ["traefik.yml", "start.sh", "reload-when-renewed.sh", ...dynamic.map(({ path }) => path)];
    expect(files.map(({ path }) => path).filter((path) => !known.includes(path))).toEqual([]);
    expect(dynamic.length).toBeGreaterThanOrEqual(2);
  });

  test("traefik.yml is valid for its schema", () => {
    expect(files.filter(({ path }) => path === "traefik.yml").flatMap((file) => problems(staticSchema, file))).toEqual([]);
  });

  test.each(dynamic)("$path of $container is valid for its schema", (file) => {
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
