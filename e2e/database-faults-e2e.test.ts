import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { THEME_DIRECTORY } from "../constructs/wiki/bookstack-config";
import { docker, until } from "./support/deployment";
import { WikiDatabase } from "./support/wiki-database";

/** The real wiki beside a real MySQL, with the files and secrets of the plan. */
const NAME = "database-faults";
const wiki = new WikiDatabase(NAME, "10.241.4.0/26");
const WEB = `${NAME}-bookstack`;
const THEME = `${join(__dirname, "..", "constructs", "wiki", "assets", "theme")}:${THEME_DIRECTORY}:ro`;
const PAGES = 60;

/** Asks as the health check of the container does. */
function checkHealth(): void {
  spawnSync("docker", ["exec", WEB, "curl", "-sS", "-m", "10", "http://127.0.0.1:3000/status"]);
}

/** A metric of the wiki; nothing when it does not say. */
function metric(name: string): number | undefined {
  const { stdout } = spawnSync("docker", ["exec", WEB, "curl", "-sS", "-m", "10", "http://127.0.0.1:8080/metrics"], { encoding: "utf8" });
  const value = new RegExp(`^${name} (\\d+)$`, "m").exec(stdout)?.[1];
  return value === undefined ? undefined : Number(value);
}
const missing = () => metric("bookstack_entities_without_permissions");
const restored = () => metric("bookstack_permissions_restored_total");

/** Waits for something while the health check goes on. */
async function checkedUntil(done: () => boolean, seconds: number, what: string): Promise<void> {
  const check = () => {
    checkHealth();
    return done();
  };
  await until(check, seconds, what);
}

/** Who can see what. */
const permissions = () => wiki.rows("SELECT entity_type, role_id, entity_id, status, owner_id FROM bookstack.joint_permissions ORDER BY 1, 2, 3");

async function killDatabase(): Promise<void> {
  docker("kill", "--signal=KILL", `${NAME}-bookstack-db`);
  docker("start", `${NAME}-bookstack-db`);
  await wiki.answers();
}

beforeAll(async () => {
  await wiki.start();
  const { status, output } = wiki.setup();
  if (status !== 0) throw new Error(output);
  const program = `${join(__dirname, "support", "book-of-pages.php")}:/book-of-pages.php:ro`;
  const made = wiki.command({ mounts: [program, THEME], command: ["php", "/book-of-pages.php", `${PAGES}`] });
  if (made.status !== 0) throw new Error(made.output);
  wiki.commandInBackground(WEB, { mounts: [THEME] });
  await checkedUntil(() => missing() === 0, 90, "the wiki has counted");
});
afterAll(() => wiki.remove());

test("a book that lost its permissions when the database was killed is found, and restored within a minute", async () => {
  const before = permissions();
  wiki.rows("DELETE FROM bookstack.joint_permissions WHERE entity_type = 'book' OR entity_id % 2 = 0");
  await killDatabase();
  await checkedUntil(() => (missing() ?? 0) > 0, 20, "the loss is noticed");
  await checkedUntil(() => missing() === 0, 60, "the permissions are restored");
  expect(permissions()).toBe(before);
  expect(restored()).toBeGreaterThan(PAGES / 3);
  expect(docker("logs", WEB)).toContain("entities had no permissions, so that no user could see them: their permissions were regenerated, 0 are left");
});

test("rows of one role that are missing count, too", async () => {
  const before = permissions();
  wiki.rows("DELETE FROM bookstack.joint_permissions WHERE role_id = 2");
  await killDatabase();
  await checkedUntil(() => missing() === PAGES + 1, 20, "the loss is noticed");
  await checkedUntil(() => missing() === 0, 60, "the permissions are restored");
  expect(permissions()).toBe(before);
});

test("what lies in the recycle bin is not missing", async () => {
  const already = restored();
  wiki.rows("UPDATE bookstack.entities SET deleted_at = NOW() WHERE id = 1; DELETE FROM bookstack.joint_permissions WHERE entity_id = 1");
  await killDatabase();
  await checkedUntil(() => missing() === 0, 20, "the wiki has counted");
  expect(restored()).toBe(already);
});

test("a request ends within 15 seconds when the database hangs", async () => {
  docker("pause", `${NAME}-bookstack-db`);
  try {
    const curl = ["curl", "-s", "-m", "60", "-o", "/dev/null", "-w", "%{http_code} %{time_total}", "http://127.0.0.1:3000/login"];
    const [status, seconds] = docker("exec", WEB, ...curl)
      .split(" ")
      .map(Number);
    expect([status, Math.ceil(seconds ?? 60) <= 15]).toEqual([500, true]);
  } finally {
    docker("unpause", `${NAME}-bookstack-db`);
  }
  await wiki.answers();
  await until(
    () => docker("exec", WEB, "curl", "-s", "-m", "9", "http://127.0.0.1:3000/status") === '{"database":true,"cache":true,"session":true}',
    30,
    "the wiki works again",
  );
});
