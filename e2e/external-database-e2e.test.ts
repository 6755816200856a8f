import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Outcome } from "../lib/operations/verify/check";
import { Backups } from "./support/backup";
import { Deployment, docker, healthy, succeeded, until } from "./support/deployment";
import { imagesHere } from "./support/images";
import { ManagedMySql } from "./support/managed-mysql";

/** A separate address of this machine for the test: what is on loopback only is not verified from outside. */
const ADDRESS = "198.18.249.1";
const address = (verb: "add" | "del") => spawnSync("ip", ["address", verb, `${ADDRESS}/32`, "dev", "lo"]);
const WIKI = new Deployment({ name: "extdb", http: 18_149, https: 18_549, subnets: 249 });
const HOST = "wiki-db.example.com";
const PORT = 3307;
const PASSWORD = `Canary'\\${randomBytes(12).toString("hex")}`;
const SERVER = new ManagedMySql("extdb-server", HOST, PASSWORD);
const backups = new Backups(WIKI);
const enabled = imagesHere().missingForMonitoring.length === 0;
const PAGES = 12;

function write(): void {
  const database = { external: { host: HOST, port: PORT, ca: SERVER.ca } };
  WIKI.write({ ports: { address: ADDRESS, http: WIKI.http, https: WIKI.https }, signOn: {}, monitoring: { enabled }, database });
}

/** Starts the server again with a certificate for `host`, and lets the wiki's egress find it as HOST. */
async function serve(host: string): Promise<void> {
  SERVER.certify(host);
  SERVER.start(PORT);
  await SERVER.answers();
}

async function deploy() {
  const deployed = WIKI.commandInBackground("deploy");
  await SERVER.join(WIKI.container("proxy"));
  return deployed;
}

const pages = () => Number(SERVER.rows("SELECT COUNT(*) FROM bookstack.entities WHERE type = 'page'"));
const leftByRestore = () => SERVER.rows("SHOW DATABASES LIKE 'bookstack\\_%'; SELECT user FROM mysql.user WHERE user = 'restore'");
const secondPlan = () => WIKI.command("plan", "--detailed-exitcode").status;

function clean(): void {
  SERVER.stop();
  WIKI.clean();
}

beforeAll(async () => {
  address("add");
  clean();
  write();
  await serve("other.example.com");
  succeeded(WIKI.commandWith(`${PASSWORD}\n`, "secret", "mysql_admin_password"));
});

afterAll(() => {
  if (process.env.E2E_KEEP !== undefined) return;
  clean();
  SERVER.remove();
  address("del");
});

test("a server whose certificate names another host is refused, before a password is sent to it", async () => {
  const { status, output } = await deploy();
  expect(status).not.toBe(0);
  expect(output).toContain(`the certificate of ${HOST}:${PORT} is for another host: it names DNS:other.example.com`);
  expect(SERVER.rows("SELECT COUNT(*) FROM mysql.user WHERE user = 'bookstack'")).toBe("0");
});

test("a wiki is deployed on it, and a second plan changes nothing", async () => {
  await serve(HOST);
  const { status, output } = await deploy();
  expect([status, output.slice(-2000)]).toEqual([0, expect.anything()]);
  expect(secondPlan()).toBe(0);
});

test("what people write is on the server, over TLS, by accounts that can do no more than they need", () => {
  const program = readFileSync(join(__dirname, "support", "book-of-pages.php"), "utf8");
  const php = ["exec", "--interactive", WIKI.container("bookstack"), "sh", "/etc/bookstack/entrypoint.sh", "php", "--", `${PAGES}`];
  succeeded(spawnSync("docker", php, { input: program, encoding: "utf8" }));
  expect(pages()).toBe(PAGES);
  expect(SERVER.rows("SELECT user, ssl_type FROM mysql.user WHERE host = '%' AND user <> 'admin' ORDER BY 1").split("\n")).toEqual(
    ["backup\tANY", "bookstack\tANY", "exporter\tANY"], // biome-ignore format: a table
  );
  const beyond = "SELECT grantee FROM information_schema.user_privileges WHERE grantee LIKE '\\'bookstack%' AND privilege_type <> 'USAGE'";
  expect(SERVER.rows(beyond)).toBe("");
});

test("a set is made, and can be restored into a database that is thrown away", () => {
  WIKI.must("backup");
  expect(backups.script("drill.sh")).toMatchObject({ status: 0, output: expect.stringMatching(/can be restored: \d+ tables/) });
});

test("a restore restores lost pages, and leaves neither an account nor a schema on the server", () => {
  SERVER.rows("SET foreign_key_checks = 0; DELETE FROM bookstack.entities; DROP TABLE bookstack.entity_page_data; CREATE TABLE bookstack.later (id INT)");
  expect(WIKI.must("restore", "latest", "--yes")).toMatch(/is restored from \d{8}T\d{6}Z/);
  expect(pages()).toBe(PAGES);
  expect(SERVER.rows("SHOW TABLES FROM bookstack LIKE 'later'")).toBe("");
  expect(leftByRestore()).toBe("");
  expect(secondPlan()).toBe(0);
});

test("the job of the accounts can be repeated while the wiki runs", () => {
  const { status, stdout } = spawnSync("docker", ["start", "--attach", WIKI.container("database-accounts")], { encoding: "utf8" });
  expect([status, stdout]).toEqual([0, expect.stringContaining(`database: ${HOST} runs MySQL `)]);
});

test("everything that is promised is so: each check of verify is ok, or for a part that the environment does not have", async () => {
  // a restore started the backup again a moment ago
  await until(() => healthy(WIKI.container("backup")), 60, "the backup is healthy");
  const { stdout } = WIKI.command("verify", "--json");
  const checks: readonly Outcome[] = JSON.parse(stdout).checks;
  expect(checks.filter(({ result }) => result !== "ok" && result !== "skipped")).toEqual([]);
  const ok = checks.filter(({ result }) => result === "ok").map(({ name }) => name);
  expect(ok).toEqual(expect.arrayContaining(["database-tls", "network-isolation", "outbound", "authorities", "backup-age", "backup-drill"]));
});

(enabled ? test : test.skip)("the exporter reads the server's own figures", () => {
  const metrics = docker("exec", WIKI.container("mysqld-exporter"), "wget", "-q", "-O", "-", "http://127.0.0.1:9104/metrics");
  expect(metrics).toMatch(/^mysql_up 1$/m);
  expect(metrics).toMatch(/^mysql_perf_schema_events_statements_sum_total\b/m);
});

test("no container but the job that creates the accounts can read the administrator's password", () => {
  const volumes = docker("volume", "ls", "--quiet", "--filter", `name=^${WIKI.name}-secrets-`).split("\n");
  const mounts = volumes.map((volume) => `--mount=type=volume,source=${volume},target=/all/${volume},readonly`);
  const image = docker("inspect", "--format", "{{.Image}}", WIKI.container("backup"));
  const found = docker("run", "--rm", "--network=none", "--user=0:0", ...mounts, "--entrypoint=find", image, "/all", "-name", "mysql_admin_password");
  expect(found).toBe(`/all/${WIKI.name}-secrets-database-accounts/mysql_admin_password`);
});
