import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnvironment } from "../../../lib/environment/load";
import { planned } from "../../support/application";
import type { Block } from "../../support/plan";

const CA = readFileSync(join(__dirname, "..", "..", "..", "e2e", "support", "foreign-ca.pem"), "utf8");

function planWith(uploads: Block, more: Block = {}) {
  const text = JSON.stringify({
    domain: "wiki.example.com",
    users: [{ name: "alice", displayName: "Alice", email: "alice@example.com", groups: ["admin"] }],
    wiki: { admin: { email: "admin@example.com" }, ...uploads },
    ...more,
  });
  return planned(parseEnvironment("t", text, "t.yaml"));
}

const plan = planWith({ uploads: { path: "/mnt/wiki" } });

test("the two volumes of uploads are directories of the path, and no other volume is", () => {
  const bound = plan.all("docker_volume").filter(({ driver_opts }) => driver_opts !== undefined);
  expect(bound.map(({ name, driver_opts }) => [name, driver_opts])).toEqual(
    ["uploads-public", "uploads"].map((name) => [`t-${name}`, { type: "none", o: "bind", device: `/mnt/wiki/${name}` }]),
  );
});

test("a job checks them as their owner, before the wiki and the backup start; the job that sets owners leaves them alone", () => {
  const script = plan.file("t-volume-directories", "directories.sh");
  expect(script).toContain("inspect /volumes/uploads 1000:1000 /mnt/wiki/uploads\n");
  expect(plan.file("t-volume-owners", "owners.sh")).not.toContain("/volumes/uploads");
  for (const name of ["t-bookstack", "t-backup"])
    expect([name, JSON.stringify(plan.container(name).depends_on)]).toEqual([name, expect.stringContaining("Volumes_Directories")]);
});

test("a key that a database elsewhere is encrypted with is guarded by them, too", () => {
  const database = { external: { host: "wiki-db.example.com", ca: CA } };
  expect(planWith({ uploads: { path: "/mnt/wiki" } }, { database }).file("t-secrets", "manifest")).toMatch(/^guard\tapp_key\t\/guards\/uploads$/m);
});

test("without the key nothing of it is in the plan", () => {
  const usual = planWith({});
  expect(usual.json).not.toMatch(/driver_opts|volume-directories/);
});
