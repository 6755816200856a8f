import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Deployment, docker, healthy, succeeded, until } from "./support/deployment";
import { imageOf } from "./support/images";
import { firstLine, MariaDb } from "./support/mariadb";
import { SshServer } from "./support/ssh-server";

const trial = new Deployment({ name: "mvi", subnets: 233, http: 18_196, https: 18_166 });
const OLD = "https://old.example.org/wiki";
const NEW = `https://bookstack.wiki.localhost:${trial.https}`;
const KEY = `base64:${randomBytes(32).toString("base64")}`;
const directory = mkdtempSync(join(tmpdir(), "import-"));
const at = (name: string) => join(directory, name);
const source = new MariaDb();
/** Uploads as linuxserver's image keeps them below /config/www → where this wiki has them. */
const FILES = {
  "uploads/images/gallery/2022-05/diagram.png": "/var/www/bookstack/storage/uploads/images/gallery/2022-05/diagram.png",
  "images/gallery/2022-06/private.png": "/var/www/bookstack/storage/uploads/images/gallery/2022-06/private.png",
  "uploads/images/system/2022-05/logo.png": "/var/www/bookstack/public/uploads/images/system/2022-05/logo.png",
  "files/2022-05/notes.bin": "/var/www/bookstack/storage/uploads/files/2022-05/notes.bin",
};
const contents = new Map<string, Buffer>();
const sums = (data: Buffer) => createHash("sha256").update(data).digest("hex");

/** Runs a program of MySQL as the administrator of the wiki's database. */
function asRoot(program: string, input: string): string {
  const script = `umask 077; { printf "[client]\\nuser=root\\npassword='"; sed "s/[\\\\']/\\\\&/g" /run/secrets/mysql_root_password | tr -d "\\n"; printf "'\\n"; } > /tmp/root.cnf; exec ${program}`;
  const words = ["exec", "--interactive", trial.container("bookstack-db"), "sh", "-c", script];
  return succeeded(spawnSync("docker", words, { input, encoding: "utf8", maxBuffer: 2 ** 28 }));
}

const SOCKET = "--defaults-file=/tmp/root.cnf --socket=/run/mysqld/mysqld.sock --default-character-set=utf8mb4";
/** Rows of the wiki's database. */
const rows = (sql: string) => asRoot(`mysql ${SOCKET} -NB bookstack`, sql).trim();

function php(image: readonly string[], code: string): string {
  return docker(...image, "-r", `require '/var/www/bookstack/vendor/autoload.php'; ${code}`);
}

function fill(): void {
  const encrypter = `new Illuminate\\Encryption\\Encrypter(base64_decode('${KEY.slice("base64:".length)}'), 'AES-256-CBC')`;
  const secret = php(["run", "--rm", "--network=none", "--entrypoint=php", imageOf("bookstack")], `echo (${encrypter})->encrypt('JBSWY3DPEHPK3PXP');`);
  const stamp = "'2022-05-04 10:00:00','2022-05-04 10:00:00'";
  const html = `<p>Grüße 🦉 utf8mb4_uca1400_ai_ci <img src="${OLD}/uploads/images/gallery/2022-05/diagram.png"></p>`;
  source.query(`
    UPDATE users SET email = 'Demo@Wiki.localhost', name = 'Demo of old', external_auth_id = '' WHERE id = 1;
    INSERT INTO users (id, name, email, password, external_auth_id, slug, created_at, updated_at) VALUES
      (10, 'Ann', 'ann@old.example.org', '', 'ann', 'ann', ${stamp}), (11, 'Eve', 'eve@old.example.org', '', '', 'eve', ${stamp});
    INSERT INTO role_user (user_id, role_id) SELECT 10, id FROM roles WHERE display_name = 'Editor';
    INSERT INTO books (id, name, slug, description, created_at, updated_at, created_by, updated_by, owned_by) VALUES (1, 'Handbook', 'handbook', 'd', ${stamp}, 10, 10, 10);
    INSERT INTO pages (id, book_id, chapter_id, name, slug, html, text, priority, created_at, updated_at, created_by, updated_by, markdown, revision_count, owned_by)
      VALUES (1, 1, 0, 'Owls', 'owls', '${html}', 'Grüße', 1, ${stamp}, 10, 10, '', 1, 10);
    INSERT INTO tags (entity_id, entity_type, name, value, \`order\`, created_at, updated_at) VALUES (1, 'page', 'bird', '🦉', 0, ${stamp});
    INSERT INTO images (id, name, url, path, type, uploaded_to, created_by, updated_by, created_at, updated_at) VALUES
      (1, 'diagram', '${OLD}/uploads/images/gallery/2022-05/diagram.png', '/uploads/images/gallery/2022-05/diagram.png', 'gallery', 1, 10, 10, ${stamp});
    INSERT INTO attachments (id, name, path, extension, uploaded_to, external, \`order\`, created_by, updated_by, created_at, updated_at) VALUES
      (1, 'notes', 'uploads/files/2022-05/notes.bin', 'bin', 1, 0, 0, 10, 10, ${stamp});
    INSERT INTO mfa_values (user_id, method, value, created_at, updated_at) VALUES (10, 'totp', '${secret}', ${stamp});`);
  for (const file of Object.keys(FILES)) {
    const data = randomBytes(20_000);
    contents.set(file, data);
    mkdirSync(dirname(at(`www/${file}`)), { recursive: true });
    writeFileSync(at(`www/${file}`), data);
  }
  writeFileSync(at("env"), `APP_URL=${OLD}\nAPP_KEY=${KEY}\n`);
  source.dump(at("dump.sql"), "xz");
}

beforeAll(async () => {
  trial.clean();
  trial.must("deploy");
  await source.start();
  // what BookStack 22.04 has
  source.migrate("2022_05");
  fill();
}, 600_000);

afterAll(() => {
  source.stop();
  rmSync(directory, { recursive: true, force: true });
  trial.clean();
});

test("the dump is one of MariaDB, with its sandbox line and defaults of texts", () => {
  expect(firstLine(at("dump.sql"))).toMatch(/^\/\*M!999999\\- enable the sandbox mode/);
});

test("a source that does not fit is refused with every problem, and nothing is left", () => {
  source.query("INSERT INTO migrations (migration, batch) VALUES ('2099_01_01_000000_later', 9)");
  source.dump(at("later.sql"));
  source.query("DELETE FROM migrations WHERE migration LIKE '2099%'");
  const { status, stderr } = trial.command("import", "--dump", at("later.sql"), "--uploads", at("www/files"), "--dry-run");
  expect([status, stderr]).toEqual([1, expect.stringContaining("newer BookStack than this wiki; unknown migrations: 2099_01_01_000000_later")]);
  expect(stderr).toContain("--app-key-file is missing, and 1 second factors");
  expect(stderr).toContain("has no known layout");
  expect(stderr).not.toContain(KEY);
  expect(docker("ps", "--all", "--format", "{{.Names}}").split("\n")).not.toContain(trial.container("restore"));
  expect(rows("SHOW DATABASES LIKE 'bookstack%'")).toBe("bookstack");
}, 120_000);

const IMPORT = () => ["--dump", at("dump.sql.xz"), "--uploads", at("www"), "--app-key-file", at("env")];

test("a dry run prints which account belongs to which user, and changes nothing", () => {
  const output = trial.must("import", ...IMPORT(), "--dry-run");
  expect(output).toContain("Demo@Wiki.localhost (Demo of old) belongs to demo");
  expect(output).toContain("ann@old.example.org (Ann) belongs to nobody in users; it keeps its content and roles");
  expect(output).toContain("layout linuxserver");
  expect(output).toContain(`Address of the source: ${OLD}`);
  expect(rows("SELECT COUNT(*) FROM users WHERE email = 'ann@old.example.org'")).toBe("0");
}, 120_000);

test("an import whose migration fails is undone whole", () => {
  const before = rows("SELECT id, email FROM users ORDER BY id");
  const key = docker("exec", trial.container("bookstack"), "sha256sum", "/run/secrets/app_key");
  source.query("CREATE TABLE sort_rules (id int)");
  source.dump(at("broken.sql"));
  source.query("DROP TABLE sort_rules");
  const { status, stderr } = trial.command("import", "--dump", at("broken.sql"), "--uploads", at("www"), "--app-key-file", at("env"), "--yes");
  expect([status, stderr]).toEqual([1, expect.stringContaining("the previous data are back, and the wiki runs")]);
  expect(rows("SELECT id, email FROM users ORDER BY id")).toBe(before);
  expect(docker("exec", trial.container("bookstack"), "sha256sum", "/run/secrets/app_key")).toBe(key);
  expect(healthy(trial.container("bookstack"))).toBe(true);
}, 300_000);

test("BookStack 22.04 of MariaDB in linuxserver's layout is imported: rows, files, second factors, addresses, accounts", () => {
  const began = Date.now();
  const output = trial.must("import", ...IMPORT(), "--yes");
  process.stdout.write(`${output}\nimport: ${Math.round((Date.now() - began) / 1000)} s\n`);
  expect(rows("SELECT id, email, IF(external_auth_id = '', '-', external_auth_id) FROM users WHERE system_name IS NULL ORDER BY id").split("\n")).toEqual([
    "1\tdemo@wiki.localhost\tdemo",
    "10\tann@old.example.org\t-",
    "11\teve@old.example.org\t-",
  ]);
  expect(rows("SELECT r.display_name FROM role_user u JOIN roles r ON r.id = u.role_id WHERE u.user_id = 10")).toBe("Editor");
  expect(rows("SELECT name, slug FROM entities ORDER BY type")).toBe("Handbook\thandbook\nOwls\towls");
  expect(rows("SELECT html FROM entity_page_data")).toBe(`<p>Grüße 🦉 utf8mb4_uca1400_ai_ci <img src="${NEW}/uploads/images/gallery/2022-05/diagram.png"></p>`);
  expect(rows("SELECT name, value FROM tags")).toBe("bird\t🦉");
  expect(rows("SELECT url, path FROM images")).toBe(`${NEW}/uploads/images/gallery/2022-05/diagram.png\t/uploads/images/gallery/2022-05/diagram.png`);
  expect(rows("SELECT id, name, path FROM attachments")).toBe("1\tnotes\tuploads/files/2022-05/notes.bin");
  for (const [file, place] of Object.entries(FILES)) {
    const [sum] = docker("exec", trial.container("bookstack"), "sha256sum", place).split(" ");
    expect([place, sum]).toEqual([place, sums(contents.get(file) ?? Buffer.alloc(0))]);
  }
  const code =
    "$app = require '/var/www/bookstack/bootstrap/app.php'; $app->make(Illuminate\\Contracts\\Console\\Kernel::class)->bootstrap(); echo decrypt(Illuminate\\Support\\Facades\\DB::table('mfa_values')->value('value'));";
  // the secrets come by a file that PHP puts before a program, but not before -r
  const input = `<?php require '/var/www/bookstack/vendor/autoload.php'; ${code}`;
  const exec = ["exec", "--interactive", trial.container("bookstack"), "sh", "/etc/bookstack/entrypoint.sh", "php"];
  expect(succeeded(spawnSync("docker", exec, { input, encoding: "utf8" }))).toBe("JBSWY3DPEHPK3PXP");
  expect(docker("exec", trial.container("bookstack"), "curl", "-fsS", "-o", "/dev/null", "-w", "%{http_code}", "http://127.0.0.1:3000/status")).toBe("200");
}, 300_000);

test("files of a server are imported over SSH, once its host key is known", async () => {
  const server = new SshServer(18_227);
  await server.start();
  try {
    mkdirSync(at("bin"));
    // what ~/.ssh/config says on the machine of a user
    const options = ["-i", server.userKey, "-o", `UserKnownHostsFile=${at("known_hosts")}`];
    writeFileSync(at("bin/ssh"), `#!/bin/sh\nexec /usr/bin/ssh ${options.join(" ")} "$@"\n`, { mode: 0o755 });
    trial.variables = { PATH: `${at("bin")}:${process.env.PATH}` };
    const from = [...IMPORT(), "--from", "ssh://root@127.0.0.1:18227"];
    const { status, stderr } = trial.command("import", ...from, "--dry-run");
    expect([status, stderr]).toEqual([1, expect.stringContaining("Host key verification failed")]);
    writeFileSync(at("known_hosts"), `[127.0.0.1]:18227 ${server.hostKey}\n`);
    trial.must("import", ...from, "--yes");
  } finally {
    trial.variables = {};
    server.stop();
  }
  expect(rows("SELECT html FROM entity_page_data")).toContain(`${NEW}/uploads/images/gallery/2022-05/diagram.png`);
  for (const [file, place] of Object.entries(FILES)) {
    expect(docker("exec", trial.container("bookstack"), "sha256sum", place).split(" ")[0]).toBe(sums(contents.get(file) ?? Buffer.alloc(0)));
  }
}, 300_000);

describe("containers that run", () => {
  const [database, wiki] = [`${trial.name}-old-db`, `${trial.name}-old-wiki`];
  const START =
    "mysqld --initialize-insecure --user=root; echo \"CREATE DATABASE bookstack; ALTER USER root@localhost IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';\" > /tmp/init.sql; exec mysqld --user=root --skip-networking --init-file=/tmp/init.sql";
  const inside = (...args: readonly string[]) => spawnSync("docker", ["exec", database, ...args], { encoding: "utf8" });

  beforeAll(async () => {
    const password = randomBytes(12).toString("hex");
    const variables = [`--env=MYSQL_ROOT_PASSWORD=${password}`, "--env=MYSQL_DATABASE=bookstack"];
    docker("run", "-d", "--name", database, "--network=none", ...variables, "--entrypoint=sh", imageOf("mysql"), "-c", START);
    docker("run", "-d", "--name", wiki, "--network=none", "--user=0", `--env=APP_KEY=${KEY}`, "--entrypoint=sleep", imageOf("bookstack"), "900");
    for (const [from, to] of [
      ["uploads/images", "public/uploads/images"],
      ["images", "storage/uploads/images"],
      ["files", "storage/uploads/files"],
    ] as const) {
      docker("exec", wiki, "mkdir", "-p", `/var/www/bookstack/${to}`);
      docker("cp", `${at(`www/${from}`)}/.`, `${wiki}:/var/www/bookstack/${to}`);
    }
    const dump = asRoot(`mysqldump ${SOCKET} --no-tablespaces --single-transaction bookstack`, "");
    await until(() => inside("sh", "-c", 'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" mysql -uroot -e "USE bookstack"').status === 0, 60, "the old database answers");
    succeeded(
      spawnSync("docker", ["exec", "-i", database, "sh", "-c", 'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" exec mysql -uroot bookstack'], {
        input: dump,
        encoding: "utf8",
      }),
    );
  }, 180_000);
  afterAll(() => docker("rm", "--force", "--volumes", database, wiki));

  test("are read: database with its own password, uploads and APP_KEY", () => {
    expect(inside("mysql", "-uroot", "-e", "SELECT 1").status).not.toBe(0);
    const output = trial.must("import", "--dump", `container:${database}`, "--from", `container:${wiki}`, "--dry-run");
    // the image has files of its own there
    expect(output).toMatch(/Uploads: 8 files, layout plain\nSecond factors: 1, kept/);
  }, 180_000);

  test("a dump that lists the transactions of two servers is loaded", () => {
    const list = "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ ";
    const one = asRoot(`mysqldump ${SOCKET} --no-tablespaces --single-transaction --set-gtid-purged=OFF bookstack`, "");
    const ids = ["a8b7743b-ea91-11f1-9d0b-441394aca225:1-4", "b8b7743b-ea91-11f1-9d0b-441394aca225:1-12:14"];
    writeFileSync(at("gtid.sql"), one.replace("\n--\n", `\n${list}'${ids.join(",\n")}';\n--\n`));
    expect(trial.must("import", "--dump", at("gtid.sql"), "--from", `container:${wiki}`, "--dry-run")).toContain("No problem was found");
  }, 180_000);

  test("and one without BookStack, or without a database, is named", () => {
    const { stderr } = trial.command("import", "--dump", `container:${wiki}`, "--from", `container:${database}`, "--dry-run");
    expect(stderr).toContain(`--from container:${database} does not run, or has no BookStack`);
    const other = trial.command("import", "--dump", `container:${wiki}`, "--from", `container:${wiki}`, "--dry-run");
    expect([other.status, other.stderr]).toEqual([1, expect.stringContaining("the environment of the container has no MYSQL_DATABASE")]);
  }, 180_000);
});
