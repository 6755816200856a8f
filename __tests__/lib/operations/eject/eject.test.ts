import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Terraform } from "../../../../lib/clients/terraform/terraform";
import { parseEnvironment } from "../../../../lib/environment/load";
import { eject } from "../../../../lib/operations/eject/eject";
import { localText } from "../../../support/example";

let place: string;
let stack: string;
let folder: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "eject-"));
  stack = join(place, "repository", "out", "stacks", "local");
  folder = join(place, "elsewhere", "plain");
  mkdirSync(join(stack, "assets", "Image"), { recursive: true });
  writeFileSync(join(stack, "assets", "Image", "Dockerfile"), "FROM scratch\n");
  writeFileSync(join(stack, "known_hosts"), "host ssh-ed25519 A\n");
  const json = {
    terraform: {
      required_providers: { docker: { source: "kreuzwerker/docker", version: "3.6.2" } },
      backend: { local: { path: "../../../terraform.local.tfstate" } },
    },
    resource: { docker_volume: { A: { "//": { metadata: { path: "local/Volumes/A" } }, name: "local-a" } } },
  };
  writeFileSync(join(stack, "cdk.tf.json"), JSON.stringify(json));
});

afterEach(() => rmSync(place, { recursive: true }));

/** Ejects with a program that answers as Terraform does. */
function ejected(plan = "exit 0") {
  const program = join(place, "terraform");
  const answers = [`version) echo Terraform v1.12 ;;`, `providers) echo '{"provider_schemas":{}}' ;;`, `plan) ${plan} ;;`];
  writeFileSync(program, `#!/bin/sh\necho "$PWD $1" >>"${place}/calls"\ncase $1 in ${answers.join(" ")} esac\n`, { mode: 0o755 });
  const environment = parseEnvironment("local", localText(), "local.yaml");
  return eject({ environment, directory: stack }, Terraform.find(stack, program), folder);
}

const change = (address: string) =>
  `echo '${JSON.stringify({ "@message": "", type: "planned_change", change: { resource: { addr: address }, action: "create" } })}'; exit 2`;

test("HCL, assets, the key of the host and the README are in the folder, and the state stays at its place", async () => {
  await ejected();
  expect(readdirSync(folder).sort()).toEqual([".gitignore", "README.md", "assets", "known_hosts", "terraform.tf", "volumes.tf"]);
  expect(readFileSync(join(folder, "terraform.tf"), "utf8")).toContain('backend "local" {\npath = "../../repository/terraform.local.tfstate"\n}');
  expect(readFileSync(join(folder, "assets", "Image", "Dockerfile"), "utf8")).toBe("FROM scratch\n");
  const calls = readFileSync(join(place, "calls"), "utf8").trim().split("\n");
  expect(calls.filter((call) => call.startsWith(`${folder} `)).map((call) => call.split(" ")[1])).toEqual(["fmt", "init", "plan"]);
});

test("a plan with a change is refused with the address, and the folder and what was made above it are gone", async () => {
  await expect(ejected(change("docker_volume.A"))).rejects.toThrow(
    /would not leave everything as it is.*removed again:\n {2}- create docker_volume\.A\n[\s\S]*npm run deploy -- local/,
  );
  expect(existsSync(join(place, "elsewhere"))).toBe(false);
});

test("a plan that fails is not taken for one without changes", async () => {
  const diagnostic = JSON.stringify({ "@message": "", type: "diagnostic", diagnostic: { severity: "error", summary: "no engine" } });
  await expect(ejected(`echo '${diagnostic}'; exit 1`)).rejects.toThrow(
    /no plan could be made of the configuration, so it was removed again:\n {2}- no engine/,
  );
  expect(existsSync(folder)).toBe(false);
});

test("an empty folder that was there stays, without what was written", async () => {
  mkdirSync(folder, { recursive: true });
  await expect(ejected(change("docker_volume.A"))).rejects.toThrow("removed again");
  expect(readdirSync(folder)).toEqual([]);
});

test("of many changes ten are listed", async () => {
  const many = Array.from({ length: 14 }, (_, index) => change(`docker_volume.V${index}`).replace("; exit 2", "")).join("; ");
  await expect(ejected(`${many}; exit 2`)).rejects.toThrow(/V9\n {2}… and 4 more\n/);
});

test("the path of the state is right from a folder that is a link", async () => {
  mkdirSync(join(place, "a", "b", "c"), { recursive: true });
  mkdirSync(join(place, "elsewhere"));
  symlinkSync(join(place, "a", "b", "c"), folder);
  await ejected();
  expect(readFileSync(join(folder, "terraform.tf"), "utf8")).toContain('path = "../../../repository/terraform.local.tfstate"');
});

test("a folder with something in it is refused and keeps it", async () => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "mine"), "");
  await expect(ejected()).rejects.toThrow(/plain is not empty\n {2}→ name a folder that does not exist/);
  expect(readdirSync(folder)).toEqual(["mine"]);
});

test("a file in place of the folder is refused", async () => {
  mkdirSync(join(place, "elsewhere"));
  writeFileSync(folder, "");
  await expect(ejected()).rejects.toThrow(/plain is a file/);
});
