import { spawnSync } from "node:child_process";
import { describeUnless } from "../__tests__/support/needs";
import { Browser } from "./support/browser";
import { Deployment, docker, succeeded } from "./support/deployment";
import { imageOf, imagesHere } from "./support/images";
import { LEFT_OUT } from "./support/needs";

const WIKI = new Deployment({ name: "upd", http: 18_191, https: 18_193, subnets: 242 });
const HOST = "bookstack.wiki.localhost";
const BOOK = "A book that has to survive the update";
const MIGRATIONS = "/var/www/bookstack/database/migrations";

/** The image of the wiki with one more migration, which makes it a later version. */
function later(name: string, up: string): string {
  const image = `upd-e2e/bookstack:${name}`;
  const migration = `<?php use Illuminate\\Database\\Migrations\\Migration; use Illuminate\\Support\\Facades\\DB; return new class extends Migration { public function up(): void { ${up} } };`;
  const dockerfile = `FROM ${imageOf("bookstack")}\nUSER root\nRUN echo ${Buffer.from(migration).toString("base64")} | base64 -d > ${MIGRATIONS}/2099_01_01_000000_${name}.php\n`;
  succeeded(
    spawnSync("docker", ["build", "--quiet", "--tag", image, "-"], { input: dockerfile, encoding: "utf8", env: { ...process.env, DOCKER_BUILDKIT: "0" } }),
  );
  return image;
}

const change = "DB::statement('ALTER TABLE settings ADD COLUMN later INT NULL');";
const broken = later("broken", `${change} DB::statement('DROP TABLE entities'); DB::statement('SELECT no_such_column FROM users');`);
const good = later("good", change);
const before = imageOf("bookstack");

let browser: Browser;

/** One of each type, and what BookStack makes of it: a key of its configuration, and the value. */
const OPTIONS = {
  ALLOWED_IFRAME_HOSTS: ["https://intranet.wiki.localhost"],
  ALLOWED_IFRAME_SOURCES: ["https://video.example.com", "https://*.maps.example.com"],
  DRAWIO: false,
  REVISION_LIMIT: 7,
  EXPORT_PAGE_SIZE: "letter",
  APP_DEFAULT_DARK_MODE: true,
};
const CONFIGURED = {
  "app.iframe_hosts": "https://intranet.wiki.localhost",
  "app.iframe_sources": "https://video.example.com https://*.maps.example.com",
  "services.drawio": false,
  "app.revision_limit": "7",
  "exports.dompdf.default_paper_size": "letter",
  "setting-defaults.user.dark-mode-enabled": true,
};

function use(bookstack: string): void {
  const wiki = { admin: { email: "first@wiki.localhost" }, options: OPTIONS };
  WIKI.write({ images: { ...imagesHere().overrides, bookstack }, wiki });
}

function wikiContainer(): string {
  return docker("inspect", "--format", "{{.Id}} {{.State.Health.Status}}", WIKI.container("bookstack"));
}

async function showsBook(): Promise<boolean> {
  const { status, body } = await browser.ask("/books/a-book-that-has-to-survive-the-update");
  return status === 200 && body.includes(BOOK);
}

beforeAll(async () => {
  WIKI.clean();
  use(before);
  WIKI.must("deploy");
  browser = new Browser(HOST, WIKI.https, WIKI.must("ca"));
  const { email, password } = JSON.parse(WIKI.must("credentials", "--json")).administrator;
  expect(await browser.signIn(email, password)).toBe(true);
  await browser.makeBook(BOOK);
  WIKI.must("backup");
});

afterAll(() => {
  WIKI.clean();
  for (const image of [broken, good]) docker("image", "rm", image);
});

describe("options of BookStack", () => {
  test("reach it as they are written", () => {
    const code = `require "vendor/autoload.php"; $app = require "bootstrap/app.php"; $app->make(Illuminate\\Contracts\\Console\\Kernel::class)->bootstrap(); echo json_encode(array_map("config", json_decode($argv[1])));`;
    const keys = Object.keys(CONFIGURED);
    const output = docker(
      "exec",
      "--env",
      "APP_KEY=base64:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
      WIKI.container("bookstack"),
      "sh",
      "/etc/bookstack/entrypoint.sh",
      "php",
      "-r",
      code,
      JSON.stringify(keys),
    );
    expect(Object.fromEntries((JSON.parse(output) as unknown[]).map((value, index) => [keys[index], value]))).toEqual(CONFIGURED);
  });

  test("let the sites that are named show the wiki in a frame and be shown in one, and no other; the portal is shown in none", async () => {
    const { headers } = await browser.ask("/");
    expect([headers["x-frame-options"], headers["content-security-policy"]]).toEqual([
      undefined,
      expect.stringMatching(/^frame-ancestors 'self' https:\/\/intranet\.wiki\.localhost;/),
    ]);
    expect(headers["content-security-policy"]).toMatch(/; frame-src 'self' https:\/\/video\.example\.com https:\/\/\*\.maps\.example\.com;/);
    const portal = new Browser("auth.wiki.localhost", WIKI.https, WIKI.must("ca"));
    expect((await portal.ask("/")).headers["x-frame-options"]).toMatch(/^(SAMEORIGIN|DENY)$/);
  });
});

describe("an update whose migration fails", () => {
  test("ends with 1, says why and how to go back, and the wiki of before still answers", async () => {
    const running = wikiContainer();
    use(broken);
    const { status, stdout } = WIKI.command("deploy");
    expect(status).toBe(1);
    expect(stdout).toContain("upd-bookstack is stopped");
    expect(stdout).toMatch(/\nNot everything worked:\n[\s\S]*upd-bookstack-setup ended with exit code 1:/);
    expect(stdout).toContain("setup: the migration 2099_01_01_000000_broken failed, of 1 pending\n");
    expect(stdout).toContain("setup: MySQL: SQLSTATE[42S22]: Column not found: 1054 Unknown column 'no_such_column' in 'field list'\n");
    expect(stdout).toContain("setup: the database is unchanged: ");
    // an image may have several names
    expect(stdout).toMatch(
      /\nupd-bookstack: healthy, from (\S+)\nTo stay with that version instead of upd-e2e\/bookstack:broken: set images\.bookstack to \1 in environments\/upd\.yaml, then npm run deploy -- upd\n/,
    );
    expect(stdout).not.toContain("\0");
    expect(stdout).toMatch(/\nLast backup set: (\d{8}T\d{6}Z), made \S+; to return the data to it: npm run restore -- upd \1\n/);
    expect(wikiContainer()).toBe(running);
    expect(await showsBook()).toBe(true);
  });

  test("continues after the fix", async () => {
    use(good);
    const { status, stdout } = WIKI.command("deploy");
    expect([status, stdout]).toEqual([0, expect.stringContaining("\nEvery container is healthy.\n")]);
    expect(docker("inspect", "--format", "{{.Image}}", WIKI.container("bookstack"))).toBe(docker("image", "inspect", "--format", "{{.Id}}", good));
    expect(await showsBook()).toBe(true);
    expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(0);
  });
});

describeUnless(LEFT_OUT, "an update whose migration fails, by Terraform alone", () => {
  test("fails, too", () => {
    use(broken);
    WIKI.must("start");
    const { status, stderr } = spawnSync("terraform", ["apply", "-input=false", "-auto-approve", "-no-color"], {
      cwd: WIKI.stackDirectory(),
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([1, expect.stringContaining("the migration 2099_01_01_000000_broken failed")]);
  });
});
