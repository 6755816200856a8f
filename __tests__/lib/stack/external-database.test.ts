import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { parseEnvironment } from "../../../lib/environment/load";
import { containerName, EXTERNAL_DATABASE_CONTAINERS } from "../../../lib/stack/names";
import { planned } from "../../support/application";
import type { Block } from "../../support/plan";

const CA = readFileSync(join(__dirname, "..", "..", "..", "e2e", "support", "foreign-ca.pem"), "utf8");
const CA_FILE = "/etc/database-ca/ca.pem";
const CLIENTS = ["bookstack", "bookstack-setup", "bookstack-users", "backup", "mysqld-exporter", "database-accounts"];

const text = JSON.stringify({
  domain: "wiki.example.com",
  users: [{ name: "alice", displayName: "Alice", email: "alice@example.com", groups: ["admin"] }],
  wiki: { admin: { email: "admin@example.com" } },
  database: { external: { host: "wiki-db.example.com", port: 3307, ca: CA } },
});
const plan = planned(parseEnvironment("t", text, "t.yaml"));
const names = plan.all("docker_container").map(({ name }) => name);
const networksOf = (name: string) => plan.container(name).networks_advanced.map((block: Block) => /Networks_([a-z]+)_/.exec(block.name)?.[1]);

test("no container, volume or log of a database is left", () => {
  expect(names.filter((name) => name.startsWith("t-bookstack-db"))).toEqual([]);
  const volumes = plan.all("docker_volume").map(({ name }) => name);
  expect(volumes.filter((name) => ["t-database", "t-database-logs", "t-secrets-bookstack-db"].includes(name))).toEqual([]);
  expect(plan.json).not.toContain("database-logs");
});

test("the network of the database stays internal: only the egress leaves it, to this server and port, for containers of the network", () => {
  const { tcp } = parse(plan.file("t-database-egress", "dynamic/forwards.yml"));
  expect(Object.values(tcp.services)).toEqual([{ loadBalancer: { serversTransport: "outside", servers: [{ address: "wiki-db.example.com:3307" }] } }]);
  expect(tcp.middlewares["one-client"].ipAllowList.sourceRange).toEqual(["172.30.30.0/24"]);
  expect(networksOf("t-database-egress")).toEqual(["proxy", "database"]);
  const { entryPoints } = parse(plan.file("t-database-egress", "traefik.yml"));
  expect(Object.values(entryPoints as Record<string, Block>).map(({ address }) => address)).toEqual(["172.30.30.10:3307", "127.0.0.1:8082"]);
  const inside = plan.all("docker_network").find(({ name }) => name === "t-database");
  expect(inside?.internal).toBe(true);
  for (const name of CLIENTS) expect([name, networksOf(`t-${name}`).includes("proxy")]).toEqual([name, false]);
});

test("every client connects by the name that the certificate carries, and verifies it against the authority of the file", () => {
  for (const name of CLIENTS) {
    const { host, mounts } = plan.container(`t-${name}`);
    expect([name, host]).toEqual([name, expect.arrayContaining([{ host: "wiki-db.example.com", ip: "172.30.30.10" }])]);
    expect([name, mounts.map(({ target }: Block) => target)]).toEqual([name, expect.arrayContaining(["/etc/database-ca"])]);
  }
  expect(plan.file("t-database-ca", "ca.pem")).toBe(`${CA.trim()}\n`);
  expect(plan.container("t-bookstack").env).toEqual(expect.arrayContaining(["DB_HOST=wiki-db.example.com:3307", `MYSQL_ATTR_SSL_CA=${CA_FILE}`]));
  expect(plan.file("t-backup", "lib.sh")).toContain(`ssl-mode=VERIFY_IDENTITY\\nssl-ca=%s\\npassword=' "$DB_HOST" "$DB_PORT" "$2" ${CA_FILE}\n`);
  // nothing waits for an authority of ours, which does not exist
  for (const { container, path, text: script } of plan.files()) expect([container, path, script.includes("database_ca.crt")]).toEqual([container, path, false]);
});

test("only the job that creates the accounts has the administrator's password", () => {
  const manifest = plan.file("t-secrets", "manifest");
  expect(manifest.match(/^give\tmysql_admin_password\t.*$/gm)).toEqual(["give\tmysql_admin_password\tdatabase-accounts\t999:999"]);
  expect(manifest).toContain("create\tmysql_admin_password\tprovided");
  expect(manifest).not.toContain("mysql_root_password");
  expect(manifest).not.toContain("database_ca");
});

test("the wiki's key is not created again while its files are there", () => {
  expect(plan.file("t-secrets", "manifest")).toMatch(/^guard\tapp_key\t\/guards\/uploads$/m);
});

test("the accounts are there before the wiki and the backup connect", () => {
  const waits = (name: string) => JSON.stringify(plan.container(`t-${name}`).depends_on);
  for (const name of ["bookstack-setup", "backup"]) expect([name, waits(name)]).toEqual([name, expect.stringContaining("Database_Accounts")]);
  expect(waits("database-accounts")).toContain("DatabaseEgress");
});

test("the containers that commands address are in the plan", () => {
  expect(names).toEqual(expect.arrayContaining(EXTERNAL_DATABASE_CONTAINERS.map((container) => containerName("t", container))));
});
