import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ValidateFunction } from "ajv";
import fc from "fast-check";
import { parse } from "yaml";
import { missingProvider, TERRAFORM_ENVIRONMENT } from "../../e2e/support/needs";
import { parseEnvironment } from "../../lib/environment/load";
import type { Environment } from "../../lib/environment/schema";
import { environmentDocument } from "../lib/environment/arbitraries";
import { STRANGE_FILES } from "../lib/environment/strange-files";
import { layApache } from "../support/apache";
import { checkedStack } from "../support/application";
import { compiledSchema } from "../support/foreign-schemas";
import { describeUnless, missingProgram } from "../support/needs";
import { type PlannedFile, read } from "../support/plan";
import { Sandbox } from "../support/sandbox";

/** Environments that are made into stacks; more of them with PROPERTY_RUNS, and others each time. */
const RUNS = Number(process.env.PROPERTY_RUNS ?? 2);
const SEED = Number(process.env.PROPERTY_SEED ?? (process.env.PROPERTY_RUNS === undefined ? 14 : Date.now() % 2 ** 31));

interface Accepted {
  readonly text: string;
  readonly environment: Environment;
}

function accepted(text: string): Accepted[] {
  try {
    return [{ text, environment: { ...parseEnvironment("any", text, "any.yaml"), production: false } }];
  } catch {
    return [];
  }
}

/** Environments of every shape that the loader accepts. */
function anyEnvironments(): Accepted[] {
  const found: Accepted[] = [];
  for (let seed = SEED; found.length < RUNS && seed < SEED + 50; seed += 1) {
    for (const text of fc.sample(environmentDocument(), { numRuns: 5, seed })) found.push(...accepted(text));
  }
  return found.slice(0, RUNS);
}

interface Planned extends Accepted {
  readonly files: readonly PlannedFile[];
  readonly json: string;
}

let planned: Planned[];
let sandbox: Sandbox;
beforeAll(() => {
  sandbox = new Sandbox();
  const strange = process.env.PROPERTY_RUNS === undefined ? [] : STRANGE_FILES.flatMap(({ text }) => (typeof text === "string" ? accepted(text) : []));
  planned = [...anyEnvironments(), ...strange].map(({ text, environment }) => {
    try {
      const plan = read(checkedStack(environment));
      return { text, environment, files: plan.files(), json: plan.json };
    } catch (error) {
      throw new Error(`seed ${SEED}: the loader accepts what does not synthesize: ${(error as Error).message}\n${text}`);
    }
  });
}, 3_600_000);
afterAll(() => sandbox.remove());

/** Every file that ends with `path`, each with the environment that it is of, so that a failure can be seen again. */
function each(path: RegExp, container: RegExp, problem: (text: string, file: PlannedFile) => string | undefined): string[] {
  const seen = new Set<string>();
  return planned.flatMap(({ text, files }) =>
    files
      .filter((file) => path.test(file.path) && container.test(file.container) && !seen.has(file.text))
      .flatMap((file) => {
        seen.add(file.text);
        const found = problem(file.text, file);
        return found === undefined ? [] : [`seed ${SEED}: ${file.container} ${file.path}: ${found}\n${text}`];
      }),
  );
}

test("whatever the loader accepts synthesizes, and passes the policy", () => {
  expect(planned.length).toBeGreaterThanOrEqual(RUNS);
});

describe("its files fit the schemas of their programs", () => {
  const against = (schema: ValidateFunction, text: string, ignored = /$./) => {
    if (schema(parse(text))) return undefined;
    const messages = (schema.errors ?? [])
      .filter(({ instancePath }) => !ignored.test(instancePath))
      .map(({ instancePath, message }) => `${instancePath} ${message}`);
    return messages.length === 0 ? undefined : messages.join("; ");
  };

  test("traefik.yml and the dynamic files of Traefik", () => {
    const [fixed, dynamic] = [compiledSchema("traefik-v3.json"), compiledSchema("traefik-v3-file-provider.json")];
    expect(each(/^traefik\.yml$/, /./, (text) => against(fixed, text))).toEqual([]);
    expect(each(/^dynamic\//, /./, (text) => against(dynamic, text))).toEqual([]);
  });

  test("configuration.yml of Authelia", () => {
    const schema = compiledSchema("authelia-4.39.json");
    // what a template fills in
    const templates = /\/(jwks\/\d+\/key|clients\/\d+\/client_secret)$/;
    expect(each(/^configuration\.yml$/, /-authelia$/, (text) => against(schema, text.replace(/: \{\{.*\}\}$/gm, ": filled in"), templates))).toEqual([]);
  });

  test("prometheus.yml and its rules", () => {
    expect(each(/^prometheus\.yml$/, /./, (text) => against(compiledSchema("prometheus.json"), text))).toEqual([]);
    expect(each(/^(alerts|recordings)\.yml$/, /./, (text) => against(compiledSchema("prometheus.rules.json"), text))).toEqual([]);
  });
});

function problemOf(script: string): string | undefined {
  const { status, stdout, stderr } = sandbox.sh(["-c", script]);
  return status === 0 ? undefined : `${stdout}${stderr}`;
}

describeUnless(missingProgram("promtool"), "promtool", () => {
  test("accepts the configuration and the rules", () => {
    const problems = planned.flatMap(({ text, files }) => {
      const mine = files.filter(({ container }) => container.endsWith("-prometheus"));
      for (const { path, text: written } of mine) sandbox.file(path, written.replaceAll("/etc/prometheus/", `${sandbox.directory}/`));
      const problem = mine.length === 0 ? undefined : problemOf("promtool check config prometheus.yml");
      return problem === undefined ? [] : [`seed ${SEED}: ${problem}\n${text}`];
    });
    expect(problems).toEqual([]);
  });
});

describeUnless(missingProgram("amtool"), "amtool", () => {
  test("accepts alertmanager.yml", () => {
    expect(
      each(/^alertmanager\.yml$/, /./, (text) => {
        sandbox.file("alertmanager.yml", text);
        return problemOf("amtool check-config alertmanager.yml");
      }),
    ).toEqual([]);
  });
});

describeUnless(missingProgram("apache2"), "apache2", () => {
  test("accepts the configuration of the wiki", () => {
    expect(
      each(/^variables\.conf$/, /-bookstack$/, (variables, { container }) => {
        const httpd = planned.flatMap(({ files }) => files).find((file) => file.container === container && file.path === "httpd.conf")?.text ?? "";
        return problemOf(`apache2 -t -f ${layApache(sandbox, httpd, variables)}`);
      }),
    ).toEqual([]);
  });
});

const missingTerraform =
  process.env.PROPERTY_RUNS === undefined ? "no PROPERTY_RUNS" : (missingProgram("terraform") ?? missingProvider("kreuzwerker/docker", "3.6.2"));

describeUnless(missingTerraform, "terraform validate", () => {
  let directory: string;
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test("accepts each stack", () => {
    directory = mkdtempSync(join(tmpdir(), "validate-"));
    const terraform = (...args: readonly string[]) => {
      const { status, stdout, stderr } = spawnSync("terraform", [...args, "-no-color"], { cwd: directory, encoding: "utf8", env: TERRAFORM_ENVIRONMENT });
      // Terraform shows the line, which is the whole stack
      return status === 0 ? undefined : `${stdout}${stderr}`.replace(/^(.{200}).+$/gm, "$1…");
    };
    const write = (json: object) => writeFileSync(join(directory, "cdk.tf.json"), JSON.stringify(json));
    write({
      terraform: { required_providers: { docker: { source: "kreuzwerker/docker", version: "3.6.2" }, null: { source: "hashicorp/null", version: "3.2.4" } } },
    });
    expect(terraform("init", "-input=false")).toBeUndefined();
    const counts = { valid: 0, same: 0, cloudflare: 0 };
    const seen = new Set<string>();
    const problems = planned.flatMap(({ text, json }) => {
      const { stack, cloudflare } = validatable(json);
      const written = JSON.stringify(stack);
      if (seen.has(written)) {
        counts.same += 1;
        return [];
      }
      seen.add(written);
      write(stack);
      const problem = terraform("validate");
      counts.valid += problem === undefined ? 1 : 0;
      counts.cloudflare += problem === undefined && cloudflare ? 1 : 0;
      return problem === undefined ? [] : [`seed ${SEED}: ${problem}\n${text}`];
    });
    process.stderr.write(
      `terraform validate: ${counts.valid} stacks are valid, ${counts.same} more are the same as one of them, ${problems.length} are not valid; ` +
        `${counts.cloudflare} of the valid ones were tried without their records at Cloudflare\n`,
    );
    expect(problems).toEqual([]);
  }, 3_600_000);
});

/** What `terraform validate` can judge on any machine: no workspace, no private key, no provider of Cloudflare. */
function validatable(json: string): { readonly stack: object; readonly cloudflare: boolean } {
  // Terraform reads the private key of host.ssh.keyFile, which is on the operator's machine
  const { terraform: settings, ...rest } = JSON.parse(json.replaceAll(/\$\{file\(pathexpand\(\\"[^"]*\\"\)\)\}/g, "key"));
  const cloudflare = rest.provider?.cloudflare !== undefined;
  const withoutCloudflare = (blocks: object = {}) => Object.fromEntries(Object.entries(blocks).filter(([type]) => !type.startsWith("cloudflare")));
  const blocks = Object.fromEntries(["provider", "resource", "data"].map((kind) => [kind, withoutCloudflare(rest[kind])]));
  // a kind of block without a block is an error
  const { provider, ...others } = Object.fromEntries(Object.entries(blocks).filter(([, block]) => Object.keys(block).length > 0));
  const required_providers = withoutCloudflare(settings.required_providers);
  return {
    stack: { ...rest, data: undefined, ...others, provider, terraform: { required_providers, required_version: settings.required_version } },
    cloudflare,
  };
}
