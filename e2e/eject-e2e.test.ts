import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Credentials } from "../lib/cli/commands/credentials";
import { Terraform } from "../lib/clients/terraform/terraform";
import { Deployment } from "./support/deployment";
import { E2E_TERRAFORM, TERRAFORM_ENVIRONMENT } from "./support/needs";

const WIKI = new Deployment({ name: "ejc", http: 18_117, https: 18_467, subnets: 226 });
const place = mkdtempSync(join(tmpdir(), "eject-"));
const folder = join(place, "wiki");
/** The tools that are here, without the one that deploys. */
const OTHERS = ["terraform", "tofu"].filter((tool) => tool !== Terraform.find(place, E2E_TERRAFORM).binary && spawnSync(tool, ["version"]).status === 0);

beforeAll(() => {
  WIKI.clean();
  WIKI.write();
  WIKI.must("deploy");
});

afterAll(() => {
  WIKI.clean();
  rmSync(place, { recursive: true });
});

/** Address → action of what a plan in the folder would change. */
function changes(): Record<string, string> {
  const { binary } = Terraform.find(folder, E2E_TERRAFORM);
  const { stdout } = spawnSync(binary, ["plan", "-input=false", "-json"], { cwd: folder, encoding: "utf8", env: TERRAFORM_ENVIRONMENT, maxBuffer: 2 ** 26 });
  const events = stdout.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
  expect(events.filter(({ type }) => type === "change_summary")).toHaveLength(1);
  return Object.fromEntries(events.flatMap(({ type, change }) => (type === "planned_change" ? [[change.resource.addr, change.action]] : [])));
}

test("what runs is described by a folder whose plan is empty", () => {
  const before = WIKI.containerIds();
  expect(WIKI.must("eject", folder)).toContain("No changes");
  expect(changes()).toEqual({});
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(["README.md", "terraform.tf", "bookstack.tf", "traefik.tf", "files"]));
  expect(WIKI.containerIds()).toEqual(before);
});

test("no initial password is in the folder", () => {
  const { users, administrator, backup }: Credentials = JSON.parse(WIKI.must("credentials", "--json"));
  const passwords = [...users.map(({ password }) => password), administrator.password, backup.passphrase].filter((password) => password !== undefined);
  expect(passwords.length).toBeGreaterThan(0);
  for (const password of passwords) expect(spawnSync("grep", ["-rqF", "--", password, folder]).status).toBe(1);
});

(OTHERS.length > 0 ? test : test.skip)("the other tool plans no change, either", () => {
  for (const terraform of OTHERS) {
    WIKI.write({ terraform });
    expect(WIKI.must("eject", join(place, "by", terraform))).toContain("No changes");
  }
  WIKI.write();
});

test("a changed configuration file replaces what reads it, as the environment does it", () => {
  appendFileSync(join(folder, "files", "traefik", "traefik.yml"), "# changed\n");
  const planned = Object.keys(changes());
  expect(planned).toEqual(expect.arrayContaining([expect.stringMatching(/^docker_container\.Traefik_Service_Container_[0-9A-F]{8}$/)]));
  expect(planned.filter((address) => !/traefik/i.test(address))).toEqual([]);
});

test("an environment that differs from what runs is refused, and leaves no folder", () => {
  WIKI.write({ timezone: "Europe/Zurich" });
  const other = join(place, "other");
  const { status, stderr } = WIKI.command("eject", other);
  expect([status, stderr]).toEqual([1, expect.stringMatching(/would not leave everything as it is[\s\S]*docker_container\./)]);
  expect(existsSync(other)).toBe(false);
  WIKI.write();
});
