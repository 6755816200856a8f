import { parse } from "yaml";
import { planned } from "../support/application";
import { exampleEnvironment, localEnvironment } from "../support/example";
import { compiledSchema } from "../support/foreign-schemas";

describe("configuration.yml of Authelia", () => {
  const schema = compiledSchema("authelia-4.39.json");
  const files = {
    local: planned(localEnvironment()).file("local-authelia", "configuration.yml"),
    // sends mail, with its own CA
    production: planned(exampleEnvironment()).file("production-authelia", "configuration.yml"),
  };
  /** As Authelia reads it, once its templates are filled in. */
  const configuration = (name: keyof typeof files) => parse(files[name].replace(/: \{\{.*\}\}$/gm, ": filled in"));
  /** Only the path of a template is known. */
  const isFilledIn = (path: string) => /\/(jwks\/\d+\/key|clients\/\d+\/client_secret)$/.test(path);
  const problems = (value: object) =>
    (schema(value) ? [] : (schema.errors ?? []))
      .filter(({ instancePath }) => !isFilledIn(instancePath))
      .map(({ instancePath, message }) => `${instancePath} ${message}`);

  test.each(["local", "production"] as const)("of %s is valid for its schema", (name) => {
    expect(problems(configuration(name))).toEqual([]);
  });

  test("would be refused with a key that Authelia does not have", () => {
    expect(problems({ ...configuration("local"), sessions: {} }).join()).toContain("must NOT have additional properties");
  });
});
