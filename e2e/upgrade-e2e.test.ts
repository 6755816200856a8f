import { type ChildProcess, spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Browser } from "./support/browser";
import { Deployment, docker, killGroup, succeeded, until } from "./support/deployment";
import { imageOf, imagesHere } from "./support/images";

const WIKI = new Deployment({ name: "upg", http: 18_231, https: 18_233, subnets: 251 });
const CURRENT = "upg-e2e/bookstack:current";
const APPLICATION = "/var/www/bookstack";
const DATABASE = "upg-database";
const COPY = `${DATABASE}-before-upgrade`;
const RECORD = `${WIKI.stateFile()}.upgrade`;

/** An image that is made from that of the wiki. */
function build(name: string, ...lines: readonly string[]): string {
  const image = `upg-e2e/bookstack:${name}`;
  const input = [`FROM ${imageOf("bookstack")}`, "USER root", ...lines, ""].join("\n");
  succeeded(spawnSync("docker", ["build", "--quiet", "--tag", image, "-"], { input, encoding: "utf8", env: { ...process.env, DOCKER_BUILDKIT: "0" } }));
  return image;
}

/** Adds a migration, which makes an image a later release. */
function migration(name: string, up: string): string {
  const text = `<?php use Illuminate\\Database\\Migrations\\Migration; use Illuminate\\Support\\Facades\\DB; return new class extends Migration { public function up(): void { ${up} } };`;
  return `RUN echo ${Buffer.from(text).toString("base64")} | base64 -d > ${APPLICATION}/database/migrations/2099_01_01_000000_${name}.php`;
}

const LATER = migration("later", "DB::statement('ALTER TABLE settings ADD COLUMN later INT NULL');");
const images = {
  good: build("good", LATER),
  // healthy, and its database is migrated; only people notice that the search is broken
  poisoned: build(
    "poisoned",
    LATER,
    `RUN sed -i 's/protected SearchRunner .searchRunner,/& string $poison,/' ${APPLICATION}/app/Search/SearchApiController.php && grep -q 'string .poison' ${APPLICATION}/app/Search/SearchApiController.php`,
  ),
  broken: build(
    "broken",
    migration("broken", "DB::statement('ALTER TABLE settings ADD COLUMN later INT NULL'); DB::statement('SELECT no_such_column FROM users');"),
  ),
};

let browser: Browser;
let books = 0;

function use(bookstack: string): void {
  WIKI.write({ images: { ...imagesHere().overrides, bookstack } });
}

function record(): { step: string; result: string[]; set?: string; migrations: string[]; before: Record<string, { id: string }> } {
  return JSON.parse(readFileSync(RECORD, "utf8"));
}

function imageIdOf(reference: string): string {
  return docker("image", "inspect", "--format", "{{.Id}}", reference);
}

function runs(): string {
  return docker("inspect", "--format", "{{.Image}}", WIKI.container("bookstack"));
}

function volumes(): string[] {
  return docker("volume", "ls", "--quiet", "--filter", "name=upg-").split("\n");
}

/** Whether the database has what the later release adds; false while it does not answer. */
function migrated(): boolean {
  const sql = "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'bookstack' AND table_name = 'settings' AND column_name = 'later'";
  const script = `umask 077; { printf "[client]\\nuser=root\\npassword='"; tr -d '\\n' < /run/secrets/mysql_root_password; printf "'\\n"; } > /tmp/root.cnf; exec mysql --defaults-file=/tmp/root.cnf --socket=/run/mysqld/mysqld.sock -NB`;
  const args = ["exec", "--interactive", WIKI.container("bookstack-db"), "sh", "-c", script];
  return spawnSync("docker", args, { input: sql, encoding: "utf8" }).stdout.trim() === "1";
}

/** Whether the wiki was stopped. */
function stopped(): boolean {
  return docker("ps", "--quiet", "--filter", `name=^${WIKI.container("bookstack")}$`) === "";
}

/** Writes a book; its path. Whatever was written before an upgrade must be there afterwards. */
async function write(): Promise<string> {
  return browser.makeBook(`Book ${++books}`);
}

async function shows(path: string): Promise<boolean> {
  const { status, body } = await browser.ask(path);
  return status === 200 && body.includes(`Book ${books}`);
}

/** Runs `action` while someone reads a page each half second; for how many seconds the page was not answered. */
async function whileReading<T>(path: string, action: () => Promise<T>): Promise<{ ended: T; down: number }> {
  let reading = true;
  let down = 0;
  const reader = (async () => {
    while (reading) {
      const began = Date.now();
      const { status } = await browser.ask(path, { patience: 10 }).catch(() => ({ status: 0 }));
      await pause(500);
      if (status !== 200) down += Date.now() - began;
    }
  })();
  const ended = await action();
  reading = false;
  await reader;
  return { ended, down: Math.round(down / 1000) };
}

/** Upgrades while someone reads. */
async function upgrade(path: string) {
  const { ended, down } = await whileReading(path, () => WIKI.commandInBackground("upgrade", "--yes"));
  process.stderr.write(`upgrade: exit code ${ended.status}, the page was not answered for ${down} s\n`);
  return ended;
}

/** Upgrades, and kills the command with everything that it started once `when` holds. */
async function killed(when: () => boolean, what: string): Promise<void> {
  const child: ChildProcess = WIKI.start("upgrade", "--yes");
  await until(() => when() || child.exitCode !== null, 240, what);
  await killGroup(child);
}

beforeAll(async () => {
  WIKI.clean();
  docker("tag", imageOf("bookstack"), CURRENT);
  use(CURRENT);
  WIKI.must("deploy");
  browser = new Browser("bookstack.wiki.localhost", WIKI.https, WIKI.must("ca"));
  const { email, password } = JSON.parse(WIKI.must("credentials", "--json")).administrator;
  expect(await browser.signIn(email, password)).toBe(true);
});

afterAll(() => {
  WIKI.clean();
  const kept = docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "secure-bookstack/before-upgrade").split("\n");
  const own = kept.filter((image) => image.includes(":upg-"));
  for (const image of [CURRENT, ...Object.values(images), ...own]) docker("image", "rm", "--force", image);
});

test("without changes nothing is done, and a preview changes nothing", () => {
  const before = WIKI.containerIds();
  const same = WIKI.command("upgrade", "--yes");
  expect([same.status, same.stdout]).toEqual([0, expect.stringContaining("upg: no changes. ")]);
  use(images.good);
  const preview = WIKI.command("upgrade", "--dry-run");
  expect([preview.status, preview.stderr]).toEqual([0, ""]);
  expect(preview.stdout).toMatch(
    /\nImages\n.*\bupg-bookstack\b.*\n {4}upg-e2e\/bookstack:current \(image [0-9a-f]{12}\) → upg-e2e\/bookstack:good \(image [0-9a-f]{12}\)\n/,
  );
  expect(preview.stdout).toMatch(/\n {2}MySQL [\d.]+, unchanged\n {2}1 schema migration of the wiki is pending:\n\s+2099_01_01_000000_later\n/);
  expect(preview.stdout).toMatch(/\n {2}upg-bookstack +usually seconds/);
  expect(WIKI.containerIds()).toEqual(before);
});

test("a poisoned image, healthy and migrated, is replaced by the previous one with its data, although its tag was moved", async () => {
  const before = imageIdOf(CURRENT);
  const page = await write();
  docker("tag", images.poisoned, CURRENT);
  use(CURRENT);
  const { status, output } = await upgrade(page);
  expect([status, output]).toEqual([1, expect.stringMatching(/The upgrade failed: upg-bookstack: smoke test: search: GET \S+\/search is answered 500/)]);
  expect(output).toContain("The upgrade of upg failed, and the previous release runs again with its data.");
  expect(runs()).toBe(before);
  expect(imageIdOf(CURRENT)).toBe(before);
  expect(await shows(page)).toBe(true);
  expect(migrated()).toBe(false);
  expect(record()).toMatchObject({ step: "put back", migrations: ["2099_01_01_000000_later"], set: expect.stringMatching(/^\d{8}T\d{6}Z$/) });
  expect(statSync(RECORD).mode & 0o777).toBe(0o600);
  expect(volumes()).not.toContain(COPY);
  expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(0);
});

test("a migration that fails leaves the previous release and its data", async () => {
  const page = await write();
  const before = runs();
  use(images.broken);
  const { status, output } = await upgrade(page);
  expect([status, output]).toEqual([1, expect.stringContaining("the migration 2099_01_01_000000_broken failed")]);
  expect(runs()).toBe(before);
  expect(await shows(page)).toBe(true);
  expect(record().step).toBe("put back");
});

test("a disk that is full while data are copied leaves the previous release and its data", async () => {
  const page = await write();
  const before = runs();
  docker("volume", "create", "--opt=type=tmpfs", "--opt=device=tmpfs", "--opt=o=size=4m", COPY);
  use(images.good);
  const { status, output } = await upgrade(page);
  expect([status, output]).toEqual([1, expect.stringContaining("No space left on device")]);
  expect(runs()).toBe(before);
  expect(await shows(page)).toBe(true);
  expect(record().step).toBe("put back");
  expect(volumes()).not.toContain(COPY);
});

test("a killed upgrade is noticed by the next deploy, and is put back", async () => {
  const page = await write();
  const before = runs();
  use(images.good);
  await killed(() => existsSync(RECORD) && record().step === "applying" && migrated(), "the database is migrated");
  const refused = WIKI.command("deploy");
  expect([refused.status, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/^an upgrade of upg was interrupted while it was \w+\n {2}→ npm run upgrade -- upg --resume/),
  ]);
  const back = WIKI.command("upgrade", "--back");
  expect([back.status, back.stdout]).toEqual([0, expect.stringContaining("The previous release of upg is back, with its data.")]);
  expect(runs()).toBe(before);
  expect(migrated()).toBe(false);
  expect(await shows(page)).toBe(true);
});

test("a killed upgrade is continued, and what people wrote before is there", async () => {
  const page = await write();
  use(images.good);
  await killed(() => existsSync(RECORD) && record().step === "applying" && stopped(), "the wiki is stopped");
  const resumed = WIKI.command("upgrade", "--resume");
  expect([resumed.status, resumed.stdout]).toEqual([0, expect.stringContaining("\nupg is upgraded.\n")]);
  expect(runs()).toBe(imageIdOf(images.good));
  expect(migrated()).toBe(true);
  expect(await shows(page)).toBe(true);
  expect(volumes()).not.toContain(COPY);
  expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(0);
  expect(WIKI.command("upgrade", "--back").stderr).toContain("no upgrade of upg is unfinished");
});
