import { assetText } from "../../../constructs/core/asset";
import { ByteSize } from "../../../constructs/core/byte-size";
import { Duration } from "../../../constructs/core/duration";
import { MySql, type MySqlProps } from "../../../constructs/database/mysql";
import { planOf, type TestContext } from "../../support/plan";

function mysqlIn({ stack, namespace, image, networks, volumes, secrets }: TestContext, props: Partial<MySqlProps> = {}): MySql {
  return new MySql(stack, "MySql", {
    namespace,
    image,
    volumes,
    secrets,
    network: networks.database,
    bufferPool: ByteSize.parse("256M"),
    slowQuery: Duration.seconds(1),
    limits: { memoryMiB: 1024, cpus: 2 },
    ...props,
  });
}

function planWith(use: (mysql: MySql, context: TestContext) => void = () => undefined) {
  return planOf((context) => use(mysqlIn(context), context));
}

describe("MySql", () => {
  const plan = planWith();
  const server = plan.container("test-bookstack-db");

  test("is on its own network alone, at an address that never changes, without a published port", () => {
    expect(server.networks_advanced).toEqual([
      { name: expect.stringContaining("docker_network.Networks_database"), aliases: ["bookstack-db"], ipv4_address: "172.30.30.10" },
    ]);
    expect(server).not.toHaveProperty("ports");
  });

  test("runs as the image's own user, who owns data and logs", () => {
    expect(server).toMatchObject({ user: "999:999", read_only: true, capabilities: { drop: ["ALL"] } });
    expect(plan.file("test-volume-owners", "owners.sh")).toMatch(/own \/volumes\/database 999:999\nown \/volumes\/database-logs 999:999\n/);
  });

  test("reads nothing of the image's own configuration, and no password from its environment", () => {
    expect(server).toMatchObject({ entrypoint: ["sh", "/etc/bookstack-db/start.sh"], env: [] });
    expect(plan.file("test-bookstack-db", "start.sh")).toMatch(/^exec mysqld --defaults-file="\$config" /m);
    expect(plan.file("test-bookstack-db", "my.cnf")).toContain("ssl_key=/run/secrets/database.key\n");
  });

  test("has a health check with its own account: a failed login would look like an attack", () => {
    expect(server.healthcheck).toMatchObject({ test: ["CMD", "mysql", "--defaults-file=/run/mysqld/health.cnf", "-NBe", "select 1"], start_period: "2m0s" });
  });

  test("has two minutes to write down what it holds", () => {
    expect(server).toMatchObject({ stop_timeout: 120, destroy_grace_seconds: 120 });
  });

  test("gets the password of every account that its script makes, and its certificate", () => {
    const given = plan
      .file("test-secrets", "manifest")
      .split("\n")
      .map((line) => line.split("\t"))
      .filter(([verb, , service]) => verb === "give" && service === "bookstack-db")
      .map(([, name]) => name);
    const needed = [...assetText("database/assets/start.sh").matchAll(/^ +account (\w+)@/gm)].map(([, account]) => `mysql_${account}_password`);
    expect(needed).toHaveLength(5);
    expect(given).toEqual([...needed, "database.crt", "database.key", "database_ca.crt"].sort());
  });

  test("has a certificate for the name that clients use", () => {
    expect(plan.file("test-secrets", "manifest").split("\n")).toEqual(
      expect.arrayContaining(["create\tdatabase_ca\tauthority\tbookstack-db\trenewed", "create\tdatabase\tcertificate\tdatabase_ca\tbookstack-db"]),
    );
  });

  test("never starts with new passwords over old data", () => {
    const guards = plan
      .file("test-secrets", "manifest")
      .split("\n")
      .filter((line) => line.startsWith("guard"));
    expect(guards).toEqual(["backup", "bookstack", "exporter", "root"].map((account) => `guard\tmysql_${account}_password\t/guards/database`));
  });

  test("gives a client all it needs, and only the password of its account", () => {
    const { file } = planWith((mysql, { secrets }) => {
      expect(mysql.grantAccess({ secrets: secrets.directory("client", "1:1") }, "exporter")).toEqual({
        adapt: expect.any(Function),
        container: "bookstack-db",
        mounts: [],
        host: "bookstack-db",
        address: "172.30.30.10",
        port: 3306,
        database: "bookstack",
        user: "exporter",
        password: { path: "/run/secrets/mysql_exporter_password" },
        ca: { path: "/run/secrets/database_ca.crt" },
      });
    });
    const given = file("test-secrets", "manifest")
      .split("\n")
      .filter((line) => line.includes("\tclient\t"));
    expect(given).toEqual(["give\tdatabase_ca.crt\tclient\t1:1", "give\tmysql_exporter_password\tclient\t1:1"]);
  });

  test.each([
    ["256M", 767, "memory must be 768 MiB or more with a buffer pool of 256M, got 767 MiB"],
    ["1G", 1024, "memory must be 1536 MiB or more with a buffer pool of 1G, got 1024 MiB"],
  ])("refuses a buffer pool of %s in %d MiB: the first start would be killed", (pool, memoryMiB, reason) => {
    const props = { bufferPool: ByteSize.parse(pool), limits: { memoryMiB } };
    expect(() => planOf((context) => void mysqlIn(context, props))).toThrow(reason);
  });

  describe("of another application", () => {
    const other = planOf((context) => mysqlIn(context, { application: "todo", bufferPool: undefined, slowQuery: undefined }));

    test("has its name, schema and account, and none of the wiki's", () => {
      const text = other.file("test-todo-db", "start.sh");
      expect(text.replaceAll("/etc/bookstack-db", "")).not.toContain("bookstack");
      expect(text).toContain("CREATE DATABASE IF NOT EXISTS todo ");
      expect(other.file("test-secrets", "manifest")).toContain("give\tmysql_todo_password\ttodo-db\t999:999\n");
    });

    test("has a buffer pool of 256M and logs statements from 1 s on", () => {
      expect(other.file("test-todo-db", "my.cnf")).toContain("innodb_buffer_pool_size=256M\n");
      expect(other.file("test-todo-db", "my.cnf")).toContain("long_query_time=1\n");
    });

    test.each(["Todo", "my-app", "root", "backup", "mysql", ""])("is refused with the name %j", (application) => {
      expect(() => planOf((context) => mysqlIn(context, { application }))).toThrow(`got "${application}"`);
    });
  });
});
