import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { REGISTRIES, Terraform } from "../lib/clients/terraform/terraform";
import { lockProviders, outdatedProviders } from "../lib/operations/lock/provider-lock";
import { naming } from "./support/naming";
import { E2E_TERRAFORM } from "./support/needs";

/** The provider that every stack has. */
const DOCKER = { source: "kreuzwerker/docker", version: "3.6.2" };
const terraform = Terraform.find(tmpdir(), E2E_TERRAFORM);

let place: string;
let lock: string;

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "lock-"));
  lock = join(place, "terraform.lock.hcl");
  const stack = initialized("with-a-provider");
  lockProviders(terraform, { mirror: join(stack, ".terraform", "providers"), file: lock });
});

afterAll(() => rmSync(place, { recursive: true }));

/** A folder in which Terraform has downloaded the provider; with `text` as its lock file. */
function initialized(name: string, text?: string): string {
  const { directory, status, output } = init(name, text);
  if (status !== 0) throw new Error(output);
  return directory;
}

function init(name: string, text?: string) {
  const directory = join(place, name);
  mkdirSync(directory);
  writeFileSync(join(directory, "main.tf.json"), JSON.stringify({ terraform: { required_providers: { docker: DOCKER } } }));
  if (text !== undefined) writeFileSync(join(directory, ".terraform.lock.hcl"), text);
  const { status, stdout, stderr } = spawnSync(terraform.binary, ["init", "-input=false", "-no-color"], { cwd: directory, encoding: "utf8" });
  return { directory, status, output: `${stdout}${stderr}`.replace(/\s+/g, " ") };
}

test("the hashes of what could be had are written down, and what could not is named", () => {
  expect(existsSync(lock)).toBe(true);
  expect(readFileSync(lock, "utf8")).toMatch(/provider "registry\.\S+\/kreuzwerker\/docker" \{\s+version += "3\.6\.2"[\s\S]*"h1:/);
  const again = lockProviders(terraform, { mirror: join(place, "with-a-provider", ".terraform", "providers"), file: lock });
  const docker = again.filter(({ source }) => source === `${terraform.registry}/${DOCKER.source}`);
  expect(docker.map(({ platform, problem }) => [platform, problem === undefined])).toEqual(
    ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"].map((platform) => [platform, platform === thisPlatform()]),
  );
  for (const { problem } of docker) expect(problem ?? "one line").not.toContain("\n");
});

test("a provider with these hashes is taken", () => {
  expect(() => initialized("with-its-hashes", readFileSync(lock, "utf8"))).not.toThrow();
});

test("hashes for the registries of both tools are wanted, as each tool reads only its own", () => {
  const mirror = join(place, "both");
  const [own = ""] = readdirSync(join(place, "with-a-provider", ".terraform", "providers"));
  for (const registry of Object.values(REGISTRIES)) {
    cpSync(join(place, "with-a-provider", ".terraform", "providers", own), join(mirror, registry), { recursive: true, dereference: true });
  }
  const file = join(place, "both.hcl");
  lockProviders(terraform, { mirror, file });
  for (const registry of Object.values(REGISTRIES)) expect(readFileSync(file, "utf8")).toContain(`provider "${registry}/${DOCKER.source}"`);
  expect(() => initialized("with-hashes-of-both", readFileSync(file, "utf8"))).not.toThrow();
});

test("a provider with other content is refused", () => {
  const other = readFileSync(lock, "utf8").replace(/"h1:[^"]+"/, `"h1:${"A".repeat(43)}="`);
  expect(init("with-other-hashes", other)).toMatchObject({ status: 1, output: expect.stringMatching(/checksum/) });
});

test("hashes of another version than the package's are noticed", () => {
  expect(outdatedProviders(3, lock)).toEqual([]);
  const older = join(place, "older.hcl");
  cpSync(lock, older);
  writeFileSync(older, readFileSync(older, "utf8").replace('"3.6.2"', '"3.6.1"'));
  expect(outdatedProviders(3, older)).toEqual([naming("kreuzwerker/docker", "3.6.1", "3.6.2")]);
});

function thisPlatform(): string {
  return `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
}
