import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockProviders, outdatedProviders } from "../lib/operations/lock/provider-lock";

/** The provider that every stack has. */
const DOCKER = { source: "kreuzwerker/docker", version: "3.6.2" };

let place: string;
let lock: string;

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "lock-"));
  lock = join(place, "terraform.lock.hcl");
  const stack = initialized("with-a-provider");
  lockProviders(binary(), join(stack, ".terraform", "providers"), lock);
});

afterAll(() => rmSync(place, { recursive: true }));

function binary(): string {
  return spawnSync("terraform", ["version"], { stdio: "ignore" }).status === 0 ? "terraform" : "tofu";
}

/** A folder in which Terraform has downloaded the provider; with `text` as its lock file. */
function initialized(name: string, text?: string): string {
  const { directory, status, said } = init(name, text);
  if (status !== 0) throw new Error(said);
  return directory;
}

function init(name: string, text?: string) {
  const directory = join(place, name);
  mkdirSync(directory);
  writeFileSync(join(directory, "main.tf.json"), JSON.stringify({ terraform: { required_providers: { docker: DOCKER } } }));
  if (text !== undefined) writeFileSync(join(directory, ".terraform.lock.hcl"), text);
  const { status, stdout, stderr } = spawnSync(binary(), ["init", "-input=false", "-no-color"], { cwd: directory, encoding: "utf8" });
  return { directory, status, said: `${stdout}${stderr}`.replace(/\s+/g, " ") };
}

test("the hashes of what could be had are written down, and what could not is named", () => {
  expect(existsSync(lock)).toBe(true);
  expect(readFileSync(lock, "utf8")).toMatch(/provider "registry\.\S+\/kreuzwerker\/docker" \{\s+version += "3\.6\.2"[\s\S]*"h1:/);
  const again = lockProviders(binary(), join(place, "with-a-provider", ".terraform", "providers"), lock);
  const docker = again.filter(({ source }) => source === DOCKER.source);
  expect(docker.map(({ platform, problem }) => [platform, problem === undefined])).toEqual(
    ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64"].map((platform) => [platform, platform === thisPlatform()]),
  );
  for (const { problem } of docker) expect(problem ?? "one line").not.toContain("\n");
});

test("a provider with these hashes is taken", () => {
  expect(() => initialized("with-its-hashes", readFileSync(lock, "utf8"))).not.toThrow();
});

test("a provider with other content is refused", () => {
  const other = readFileSync(lock, "utf8").replace(/"h1:[^"]+"/, `"h1:${"A".repeat(43)}="`);
  expect(init("with-other-hashes", other)).toMatchObject({ status: 1, said: expect.stringMatching(/checksum/) });
});

test("hashes of another version than the package's are noticed", () => {
  expect(outdatedProviders(lock)).toEqual([]);
  const older = join(place, "older.hcl");
  cpSync(lock, older);
  writeFileSync(older, readFileSync(older, "utf8").replace('"3.6.2"', '"3.6.1"'));
  expect(outdatedProviders(older)).toEqual(["kreuzwerker/docker is locked at 3.6.1, and the package is for 3.6.2"]);
});

function thisPlatform(): string {
  return `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;
}
