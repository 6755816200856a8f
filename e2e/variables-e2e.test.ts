import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { Deployment, docker, succeeded } from "./support/deployment";
import { imageOf } from "./support/images";

/** Only its secrets are made: no port is published, no network is used. */
const WIKI = new Deployment({ name: "var", http: 18_087, https: 18_437, subnets: 237 });
const CANARY = `Canary${"Ab3".repeat(9)}`;
const SECOND = `Second${"Xy7".repeat(9)}`;
const SECRET = "smtp_password";

let place: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "variables-"));
});

afterEach(() => rmSync(place, { recursive: true }));

beforeAll(() => WIKI.clean());
afterAll(() => WIKI.clean());

/** The stack's own folder, alone in an empty place, as a remote run gets it. */
function folder(version: number): string {
  const mail = { host: "smtp.example.com", user: "wiki", from: "wiki@example.com" };
  WIKI.write({ mail, secrets: { variables: true, version } });
  WIKI.must("start");
  const alone = join(place, "a", "b", "c");
  rmSync(alone, { recursive: true, force: true });
  cpSync(WIKI.stackDirectory(), alone, { recursive: true, filter: (source) => !source.includes(".terraform") });
  terraform(alone, {}, "init", "-input=false");
  return alone;
}

function terraform(directory: string, variables: Readonly<Record<string, string>>, ...args: readonly string[]): string {
  const options = args[0] === "state" ? [] : ["-no-color"];
  const { stderr, ...ended } = spawnSync("terraform", [...args, ...options], { cwd: directory, encoding: "utf8", env: { ...process.env, ...variables } });
  return succeeded({ ...ended, stderr: `${ended.stdout}${stderr}` });
}

/** The job that creates secrets, and its dependencies: the rest of the wiki has separate tests. */
function targets(directory: string): string[] {
  const { resource } = JSON.parse(readFileSync(join(directory, "cdk.tf.json"), "utf8"));
  const [job] = Object.entries<{ name: string }>(resource.docker_container).find(([, { name }]) => name === "var-secrets") ?? [];
  return [`-target=docker_container.${job}`];
}

/** Everything that the engine has of the environment. */
const onEngine = () => WIKI.onEngine();

function stored(volume: string): string {
  const mount = `type=volume,source=${volume},target=/files,readonly`;
  return docker("run", "--rm", "--network=none", "--user=0:0", "--mount", mount, "--entrypoint=cat", imageOf("mysql"), `/files/${SECRET}`);
}

/** Whether a text is in any of the files of a plan, which is a ZIP archive. */
function isInPlan(file: string, text: string): boolean {
  const bytes = readFileSync(file);
  const parts = [bytes];
  for (let at = bytes.indexOf("PK\x03\x04"); at >= 0; at = bytes.indexOf("PK\x03\x04", at + 4)) {
    const begin = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
    if (bytes.readUInt16LE(at + 8) === 8) parts.push(inflateRawSync(bytes.subarray(begin)));
  }
  return parts.some((part) => part.includes(text));
}

test("a provided secret is an ephemeral variable, and is in no plan and no state", () => {
  const directory = folder(1);
  const variables = { [`TF_VAR_${SECRET}`]: CANARY };
  const plan = join(directory, "wiki.plan");
  const before = onEngine();

  const shown = terraform(directory, variables, "plan", "-input=false", `-out=${plan}`, ...targets(directory));
  expect(onEngine()).toEqual(before);
  expect(shown).toContain("null_resource");
  expect([shown.includes(CANARY), isInPlan(plan, CANARY), isInPlan(plan, "smtp.example.com")]).toEqual([false, false, true]);
  expect(terraform(directory, variables, "show", "-json", plan)).not.toContain(CANARY);

  const applied = terraform(directory, variables, "apply", "-input=false", plan);
  const state = readFileSync(join(place, "terraform.var.tfstate"), "utf8");
  expect([applied.includes(CANARY), state.includes(CANARY), state.includes("null_resource")]).toEqual([false, false, true]);
  expect(readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((file) => holds(join(directory, file), CANARY))).toEqual([]);
  expect([stored("var-secrets"), stored("var-secrets-authelia")]).toEqual([CANARY, CANARY]);
  expect(docker("inspect", ...docker("ps", "--all", "--quiet", "--filter", "label=secure-bookstack.namespace=var").split("\n"))).not.toContain(CANARY);

  // an apply without the secret changes and deletes nothing
  const without = ["plan", "-input=false", "-detailed-exitcode", ...targets(directory)];
  expect(terraform(directory, {}, ...without)).toContain("No changes");

  // pulled, forgotten and put into a file, as when a workspace is given up
  const [file, pulled] = [join(place, "terraform.var.tfstate"), terraform(directory, {}, "state", "pull")];
  rmSync(file);
  rmSync(join(directory, ".terraform"), { recursive: true });
  writeFileSync(file, pulled);
  terraform(directory, {}, "init", "-input=false");
  expect(terraform(directory, {}, ...without)).toContain("No changes");

  // another one, with another version
  const changed = folder(2);
  terraform(changed, { [`TF_VAR_${SECRET}`]: SECOND }, "apply", "-input=false", "-auto-approve", ...targets(changed));
  expect([stored("var-secrets"), stored("var-secrets-authelia")]).toEqual([SECOND, SECOND]);
  cpSync(join(place, "terraform.var.tfstate"), WIKI.stateFile());
});

test("a value that is no longer ephemeral would be found in the plan", () => {
  const directory = folder(3);
  const file = join(directory, "cdk.tf.json");
  const { variable, resource, ...rest } = JSON.parse(readFileSync(file, "utf8"));
  delete variable[SECRET].ephemeral;
  const [upload] = Object.keys(resource.null_resource);
  resource.null_resource[upload ?? ""].triggers.value = `\${var.${SECRET}}`;
  writeFileSync(file, JSON.stringify({ ...rest, variable, resource }));
  const plan = join(directory, "wiki.plan");
  terraform(directory, { [`TF_VAR_${SECRET}`]: CANARY }, "plan", "-input=false", `-out=${plan}`, ...targets(directory));
  expect(isInPlan(plan, CANARY)).toBe(true);
});

function holds(file: string, text: string): boolean {
  try {
    return readFileSync(file).includes(text);
  } catch {
    // a directory
    return false;
  }
}
