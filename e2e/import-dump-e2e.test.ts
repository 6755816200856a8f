import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFacts } from "../lib/operations/movein/facts";
import { recognizeLayout } from "../lib/operations/movein/layout";
import { docker, succeeded } from "./support/deployment";
import { firstLine, MariaDb } from "./support/mariadb";
import { WikiDatabase } from "./support/wiki-database";

const ASSETS = join(__dirname, "..", "constructs");
const SCRIPT = readFileSync(join(ASSETS, "database", "assets", "import.sh"), "utf8");
const RESTORE = readFileSync(join(ASSETS, "backup", "assets", "restore.sh"), "utf8");
const ACCOUNT = readFileSync(join(ASSETS, "database", "assets", "restore-account.sh"), "utf8");
const wiki = new WikiDatabase("mvd", "10.234.3.0/26");
const directory = mkdtempSync(join(tmpdir(), "import-dump-"));
const dump = join(directory, "dump.sql");
const source = new MariaDb();
const STAMP = "'2022-05-04 10:00:00','2022-05-04 10:00:00'";
const HTML = "<p>Grüße 🦉 utf8mb4_uca1400_ai_ci</p>";

beforeAll(async () => {
  await wiki.start();
  await source.start();
  // what BookStack 22.04 has
  source.migrate("2022_05");
  source.query(`
    INSERT INTO books (id, name, slug, description, created_at, updated_at, created_by, updated_by, owned_by) VALUES (1, 'Handbook', 'handbook', 'd', ${STAMP}, 1, 1, 1);
    INSERT INTO pages (id, book_id, chapter_id, name, slug, html, text, priority, created_at, updated_at, created_by, updated_by, markdown, revision_count, owned_by)
      VALUES (1, 1, 0, 'Owls', 'owls', '${HTML}', 'Grüße', 1, ${STAMP}, 1, 1, '', 1, 1);
    INSERT INTO tags (entity_id, entity_type, name, value, \`order\`, created_at, updated_at) VALUES (1, 'page', 'bird', '🦉', 0, ${STAMP});`);
  source.dump(dump);
  for (const folder of ["files/2022-05", "uploads/images"]) mkdirSync(join(directory, folder), { recursive: true });
  writeFileSync(join(directory, "files/2022-05/notes.bin"), "notes");
}, 300_000);

afterAll(() => {
  source.stop();
  wiki.remove();
  rmSync(directory, { recursive: true, force: true });
});

test("the dump is one of MariaDB, with the line for its own client", () => {
  expect(firstLine(dump)).toMatch(/^\/\*M!999999\\- enable the sandbox mode/);
});

test("BookStack 22.04 of MariaDB becomes a set, is restored into MySQL and migrated to this release, with its rows", () => {
  const password = "0123456789abcdef0123456789abcdef";
  const grant = ["exec", "--interactive", "mvd-bookstack-db", "sh", "-c", ACCOUNT, "sh", "grant"];
  succeeded(spawnSync("docker", grant, { input: `${password}\n`, encoding: "utf8" }));
  const worker = wiki.startWorker();
  const step = (script: string, args: readonly string[], input: string | Buffer = "") =>
    succeeded(spawnSync("docker", ["exec", "--interactive", worker, "sh", "-c", script, "sh", ...args], { input, encoding: "utf8" }));
  step(SCRIPT, ["begin"], password);
  step(SCRIPT, ["dump"], readFileSync(dump));
  step(SCRIPT, ["files", "."], spawnSync("tar", ["-c", "-C", directory, "files", "uploads"]).stdout);
  const facts = readFacts(step(SCRIPT, ["facts"]));
  expect([facts.cut, facts.migrations.length, facts.accounts.map(({ email }) => email), facts.links, facts.present]).toEqual([
    false,
    65,
    ["admin@admin.com"],
    [],
    ["files/2022-05/notes.bin"],
  ]);
  const layout = recognizeLayout(facts.directories);
  expect(layout?.name).toBe("linuxserver");
  step(SCRIPT, ["link", "KEEP"], "1\tdemo\n");
  for (const { from, volume, path } of layout?.placements ?? []) step(SCRIPT, ["place", from, volume, path]);
  step(SCRIPT, ["secret"], "base64:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
  step(SCRIPT, ["seal", "20260131T010000Z"]);
  step(RESTORE, ["account"], password);
  step(RESTORE, ["back"]);
  step(RESTORE, ["prepare", "20260131T010000Z"]);
  step(RESTORE, ["swap"]);
  expect(docker("exec", worker, "setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "cat", "/sources/uploads/files/2022-05/notes.bin")).toBe("notes");
  const { status, output } = wiki.setup();
  expect([status, output]).toEqual([0, expect.stringContaining("the database is up to date")]);
  expect(wiki.rows("SELECT name, slug FROM bookstack.entities ORDER BY type")).toBe("Handbook\thandbook\nOwls\towls");
  expect(wiki.rows("SET NAMES utf8mb4; SELECT html FROM bookstack.entity_page_data")).toBe(HTML);
  expect(wiki.rows("SET NAMES utf8mb4; SELECT name, value FROM bookstack.tags")).toBe("bird\t🦉");
  expect(wiki.rows("SELECT COUNT(*) FROM bookstack.users")).toBe("2");
}, 300_000);
