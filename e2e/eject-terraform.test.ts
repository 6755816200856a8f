import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Subnet } from "../constructs/core/subnet";
import { Terraform } from "../lib/clients/terraform/terraform";
import { parseEnvironment } from "../lib/environment/load";
import type { Environment } from "../lib/environment/schema";
import { configurationOf } from "../lib/operations/eject/configuration";
import { eject, writeConfiguration } from "../lib/operations/eject/eject";
import { buildApplication } from "../lib/stack/application";
import { succeeded } from "./support/deployment";
import { DOCKER_HOST, E2E_TERRAFORM, TERRAFORM_ENVIRONMENT } from "./support/needs";

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
    docker: { host: DOCKER_HOST },
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
function planned({ binary }: Terraform, directory: string, ...options: readonly string[]) {
  const run = (...args: readonly string[]) =>
    succeeded(spawnSync(binary, args, { cwd: directory, encoding: "utf8", env: { ...TERRAFORM_ENVIRONMENT, ...VARIABLES }, maxBuffer: 256 * 2 ** 20 }));
  const file = join(place, "plan");
  run("plan", "-input=false", "-lock=false", "-no-color", `-out=${file}`, ...options);
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

test("a changed script of a host part runs that part again, and no other", () => {
  const workspace = synthesized(shipped("production.example.yaml", "production"));
  const folder = join(place, "ejected");
  const ejected = writeConfiguration(workspace, workspace.terraform, folder);
  const parts = Object.keys(JSON.parse(readFileSync(join(workspace.directory, "cdk.tf.json"), "utf8")).resource.null_resource);
  const triggers = (): [string, string][] =>
    planned(ejected, folder, ...parts.map((id) => `-target=null_resource.${id}`)).changes.map(
      ({ address, change }: { address: string; change: { after: { triggers: object } } }) => [address, JSON.stringify(change.after.triggers)],
    );
  const before = new Map(triggers());
  appendFileSync(join(folder, "files", "scripts", "auditd.sh"), "# changed\n");
  expect(before.size).toBe(parts.length);
  expect(triggers().flatMap(([address, after]) => (before.get(address) === after ? [] : [address]))).toEqual([
    expect.stringMatching(/^null_resource\.Host_auditd_/),
  ]);
});

test("nothing is to be changed in real volumes and networks, and a changed file replaces the volume that has it", () => {
  const subnets = { proxy: Subnet.parse("10.203.1.0/26"), backend: Subnet.parse("10.203.2.0/26"), database: Subnet.parse("10.203.3.0/26") };
  const workspace = synthesized({ ...shipped("local.yaml", "ejt"), protectData: false, networks: subnets });
  const folder = join(place, "ejected");
  const { binary } = writeConfiguration(workspace, workspace.terraform, folder);
  const { resource } = JSON.parse(readFileSync(join(workspace.directory, "cdk.tf.json"), "utf8"));
  const targets = ["docker_volume", "docker_network"].flatMap((type) => Object.keys(resource[type]).map((id) => `-target=${type}.${id}`));
  const run = (directory: string, ...args: readonly string[]) =>
    spawnSync(binary, [...args, "-no-color", "-input=false", ...targets], { cwd: directory, encoding: "utf8", env: TERRAFORM_ENVIRONMENT, maxBuffer: 2 ** 26 });
  try {
    succeeded(run(workspace.directory, "apply", "-auto-approve"));
    const { status, stdout } = run(folder, "plan", "-detailed-exitcode");
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining("No changes") });
    appendFileSync(join(folder, "files", "authelia", "configuration.yml"), "# changed\n");
    const changed = run(folder, "plan", "-detailed-exitcode");
    expect({ status: changed.status, stdout: changed.stdout }).toEqual({
      status: 2,
      stdout: expect.stringContaining("Plan: 1 to add, 0 to change, 1 to destroy"),
    });
    expect(changed.stdout).toMatch(/docker_volume\.Authelia_Service_Config_Volume_\w+\["[0-9a-f]{12}"\] will be created/);
  } finally {
    succeeded(run(workspace.directory, "destroy", "-auto-approve"));
  }
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
