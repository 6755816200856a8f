import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv, { type ValidateFunction } from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { parse } from "yaml";
import { planned } from "../support/application";
import { exampleEnvironment, localEnvironment } from "../support/example";
import { describeUnless, missingSchemas, SCHEMAS } from "../support/needs";

describeUnless(missingSchemas(), "configuration.yml of Authelia", () => {
  let schema: ValidateFunction;
  beforeAll(() => {
    const ajv = addFormats(new Ajv({ strict: false, allErrors: true, logger: false, unicodeRegExp: false }));
    schema = ajv.compile(JSON.parse(readFileSync(join(SCHEMAS, "authelia-4.39.json"), "utf8")));
  });
  const files = {
    local: planned(localEnvironment()).file("local-authelia", "configuration.yml"),
    // sends mail, by an authority of its own
    production: planned(exampleEnvironment()).file("production-authelia", "configuration.yml"),
  };
  /** As Authelia reads it, once its templates are filled in. */
  const configuration = (name: keyof typeof files) => parse(files[name].replace(/: \{\{.*\}\}$/gm, ": filled in"));
  /** A template's place is all that can be told of it. */
  const isFilledIn = (path: string) => /\/(jwks\/\d+\/key|clients\/\d+\/client_secret)$/.test(path);
  const problems = (value: object) =>
    (schema(value) ? [] : (schema.errors ?? []))
      .filter(({ instancePath }) => !isFilledIn(instancePath))
      .map(({ instancePath, message }) => `${instancePath} ${message}`);

  test.each(["local", "production"] as const)("of %s is as its schema wants it", (name) => {
    expect(problems(configuration(name))).toEqual([]);
  });

  test("would be refused with a key that Authelia does not have", () => {
    expect(problems({ ...configuration("local"), sessions: {} }).join()).toContain("must NOT have additional properties");
  });
});
