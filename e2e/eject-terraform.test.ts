import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Terraform } from "../lib/clients/terraform/terraform";
import { parseEnvironment } from "../lib/environment/load";
import type { Environment } from "../lib/environment/schema";
import { configurationOf } from "../lib/operations/eject/configuration";
import { eject, writeConfiguration } from "../lib/operations/eject/eject";
import { buildApplication } from "../lib/stack/application";
import { succeeded } from "./support/deployment";
import { E2E_TERRAFORM, TERRAFORM_ENVIRONMENT } from "./support/needs";

const ROOT = join(__dirname, "..");
/** Secrets that are given from outside have to be there for a plan. */
const VARIABLES = { TF_VAR_cloudflare_api_token: "x".repeat(40) };

let place: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "eject-"));
});

afterEach(() => rmSync(place, { recursive: true }));

/** A shipped environment for an engine that is here; the provider of Cloudflare may not be. */
function shipped(file: string, name: string): Environment {
  const environment = parseEnvironment(name, readFileSync(join(ROOT, "environments", file), "utf8"), file);
  const keyFile = join(place, "key");
  writeFileSync(keyFile, "a key that no plan uses\n", { mode: 0o600 });
  const { host } = environment;
  return {
    ...environment,
    production: false,
    docker: { host: "unix:///var/run/docker.sock" },
    dns: { ...environment.dns, provider: "none" },
    host: host && { ...host, ssh: host.ssh && { ...host.ssh, keyFile } },
  };
}

function synthesized(environment: Environment) {
  const outdir = join(place, "out");
  mkdirSync(outdir);
  buildApplication([environment], { outdir }).app.synth();
  const directory = join(outdir, "stacks", environment.name);
  return { environment, directory, terraform: Terraform.find(directory, E2E_TERRAFORM) };
}

/** What a plan would make: resources with their values, and outputs. */
function planned({ binary }: Terraform, directory: string) {
  const run = (...args: readonly string[]) =>
    succeeded(spawnSync(binary, args, { cwd: directory, encoding: "utf8", env: { ...TERRAFORM_ENVIRONMENT, ...VARIABLES }, maxBuffer: 256 * 2 ** 20 }));
  const file = join(place, "plan");
  run("plan", "-input=false", "-lock=false", "-no-color", `-out=${file}`);
  const shown = run("show", "-json", "-no-color", file);
  const { planned_values: values, resource_changes: changes, output_changes: outputs } = JSON.parse(shown.slice(shown.search(/^\{/m)));
  return { values, changes, outputs };
}

describe.each([
  ["local.yaml", "local"],
  ["production.example.yaml", "production"],
])("%s as HCL", (file, name) => {
  test("plans the same, value by value", () => {
    const workspace = synthesized(shipped(file, name));
    const ejected = writeConfiguration(workspace, workspace.terraform, join(place, "ejected"));
    const [before, after] = [planned(workspace.terraform, workspace.directory), planned(ejected, join(place, "ejected"))];
    expect(before.changes.length).toBeGreaterThan(80);
    expect(after).toEqual(before);
  });
});

test("texts, maps and expressions mean the same in both languages", () => {
  const odd = {
    texts: ["", 'a"b\\\\c', "a\\nb\n\tc\r", "Grüße 🦉", "\u0001\u001f", "$", "$$", "%", "a $b 100% {c}", "# no comment", "<<EOT\nx\nEOT"],
    literal: ["$${no} %%{no}", "a$${"],
    expressions: ['${upper("a}b")}', 'pre ${join(",", ["a", "b"])} post', '${jsonencode({ "x" = "}" })}', "%{ if true }yes%{ endif }"],
    keys: { "a.b": 1, "with space": true, "1st": null, ümlaut: [], plain: {}, 'quo"te': [[1.5, -2], { deep: ["x"] }], "$${x}": "y" },
  };
  const stack = { terraform: { required_providers: {} }, output: Object.fromEntries(Object.entries(odd).map(([name, value]) => [name, { value }])) };
  const { binary } = Terraform.find(place, E2E_TERRAFORM);
  const valuesOf = (file: string, text: string) => {
    const directory = join(place, file);
    mkdirSync(directory);
    writeFileSync(join(directory, file), text);
    succeeded(spawnSync(binary, ["init", "-input=false"], { cwd: directory, encoding: "utf8", env: TERRAFORM_ENVIRONMENT }));
    return planned(Terraform.find(directory, E2E_TERRAFORM), directory).values.outputs;
  };
  const pages = configurationOf(stack, { provider_schemas: {} });
  expect(valuesOf("outputs.tf", pages.get("outputs.tf") ?? "")).toEqual(valuesOf("main.tf.json", JSON.stringify({ output: stack.output })));
});

test("what would change something is refused, named and removed", async () => {
  const workspace = synthesized(shipped("local.yaml", "local"));
  const folder = join(place, "ejected");
  // nothing is deployed with this state
  await expect(eject(workspace, workspace.terraform, folder)).rejects.toThrow(/would not leave everything as it is.*removed again:\n {2}- create docker_/);
  expect(spawnSync("test", ["-e", folder]).status).toBe(1);
});

test("a folder that holds something is left alone", async () => {
  const workspace = synthesized(shipped("local.yaml", "local"));
  appendFileSync(join(place, "file"), "mine");
  await expect(eject(workspace, workspace.terraform, place)).rejects.toThrow("is not empty");
  expect(readFileSync(join(place, "file"), "utf8")).toBe("mine");
});
