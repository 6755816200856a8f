import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnvironment } from "../../../lib/environment/load";
import { requireTerraform } from "../../../lib/operations/require-terraform";
import { localText } from "../../support/example";

let directory: string;
let lock: string;
let warnings: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tools-"));
  lock = join(directory, "terraform.lock.hcl");
  warnings = [];
});

afterEach(() => rmSync(directory, { recursive: true }));

/** A program that says its version as the named tool does, with the warning that OpenTofu prints before it. */
function program(tool: "Terraform" | "OpenTofu"): string {
  const file = join(directory, `${tool}-1`);
  const output = `\\nWarning: no CLI configuration\\n\\n`;
  const answers = `version) printf '${tool} v1.12.6\\non linux_amd64\\n' ;; state) printf '{\\n  "resources": [{}]\\n}\\n' ;;`;
  writeFileSync(file, `#!/bin/sh\nprintf '${output}'\ncase $1 in ${answers} esac\n`, { mode: 0o755 });
  return file;
}

function choose(path: string, more = "", production = false) {
  mkdirSync(join(directory, "stack"), { recursive: true });
  const environment = { ...parseEnvironment("local", `${localText()}\nterraform: ${path}\n${more}`, "local.yaml"), production };
  return requireTerraform({ environment, directory: join(directory, "stack") }, { warn: (text) => void warnings.push(text), lock });
}

test("the program that the environment names is used, whatever else is installed", () => {
  const path = program("OpenTofu");
  expect(choose(path)).toMatchObject({ binary: path, registry: "registry.opentofu.org" });
  expect(choose(program("Terraform"))).toMatchObject({ registry: "registry.terraform.io" });
  expect(warnings).toEqual([]);
});

test("a program that cannot be run is named, with the key that chose it", () => {
  expect(() => choose("/nowhere/tofu")).toThrow(/\/nowhere\/tofu cannot be run[\s\S]*terraform/);
});

describe("a lock file with hashes for the other tool's registry alone", () => {
  beforeEach(() => writeFileSync(lock, 'provider "registry.terraform.io/kreuzwerker/docker" {\n  version = "3.6.2"\n}\n'));

  test("is named, because it pins nothing", () => {
    choose(program("OpenTofu"));
    expect(warnings).toEqual([expect.stringMatching(/no hashes of providers from registry\.opentofu\.org.*npm run lock/)]);
  });

  test("is refused in production", () => {
    expect(() => choose(program("OpenTofu"), "", true)).toThrow(/no hashes of providers from registry\.opentofu\.org/);
  });

  test("says nothing to the tool whose registry it is", () => {
    choose(program("Terraform"), "", true);
    expect(warnings).toEqual([]);
  });
});

test("OpenTofu in a workspace of Terraform Cloud needs the host's name, and the environment is told so before init", () => {
  const cloud = "state: { backend: cloud, organization: example, workspace: wiki }\n";
  expect(() => choose(program("OpenTofu"), cloud)).toThrow(/state\.hostname[\s\S]*app\.terraform\.io/);
  expect(() => choose(program("Terraform"), cloud)).not.toThrow();
  expect(() => choose(program("OpenTofu"), cloud.replace(" }", ", hostname: app.terraform.io }"))).not.toThrow();
});

test("a warning before the state does not hide it", () => {
  expect(choose(program("OpenTofu")).state().resources).toHaveLength(1);
});
