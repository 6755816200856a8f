import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnvironment } from "../../../lib/environment/load";
import { planned } from "../../support/application";
import type { Block } from "../../support/plan";

const CA = readFileSync(join(__dirname, "..", "..", "..", "e2e", "support", "foreign-ca.pem"), "utf8");
const NAMES = ["t-uploads", "t-uploads-public"];

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

test("Docker copies nothing of an image into them", () => {
  const volumes = Object.entries(JSON.parse(plan.json).resource.docker_volume as Record<string, Block>).filter(([, { name }]) => NAMES.includes(name));
  const references = volumes.map(([id]) => `\${docker_volume.${id}.name}`);
  const mounts = plan.all("docker_container").flatMap((container) => (container.mounts ?? []).filter(({ source }: Block) => references.includes(source)));
  expect(mounts.length).toBeGreaterThanOrEqual(6);
  for (const { volume_options } of mounts) expect(volume_options).toEqual({ no_copy: true });
});

test("the job checks the owner of a directory of the host, and changes nothing there", () => {
  const script = plan.file("t-volume-owners", "owners.sh");
  expect(script).toContain("inspect /volumes/uploads 1000:1000 /mnt/wiki/uploads\n");
  expect(script).not.toContain("own /volumes/uploads 1000:1000");
});

test("a key that a database elsewhere is encrypted with is guarded by them, too", () => {
  const database = { external: { host: "wiki-db.example.com", ca: CA } };
  expect(planWith({ uploads: { path: "/mnt/wiki" } }, { database }).file("t-secrets", "manifest")).toMatch(/^guard\tapp_key\t\/guards\/uploads$/m);
});

test("without the key nothing of it is in the plan", () => {
  const usual = planWith({});
  expect(usual.json).not.toMatch(/no_copy|driver_opts/);
  expect(usual.file("t-volume-owners", "owners.sh")).not.toContain("inspect");
});
