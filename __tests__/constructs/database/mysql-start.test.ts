import { statSync } from "node:fs";
import fc from "fast-check";
import { assetText } from "../../../constructs/core/asset";
import { Sandbox } from "../../support/sandbox";

const PATHS = ["/etc/bookstack-db", "/var/lib/mysql", "/var/log/mysql", "/run/secrets", "/run/mysqld"];
const ACCOUNTS = ["root", "health", "bookstack", "backup", "exporter"];

/** Fake MySQL: creates a data directory, fails on request, and records its calls. */
const MYSQLD = `echo "$*" >>calls
env >>environment
case $* in
  *--initialize-insecure*)
    directory=\${*##*--datadir=}
    mkdir "$directory" || exit 9
    [ "\${INTERRUPTED:-}" = "" ] || exit 3
    echo whole >"$directory/ibdata1" ;;
esac`;

describe("start.sh", () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    for (const path of PATHS) sandbox.folder(path);
    for (const file of ["database_ca.crt", "database.crt", "database.key"]) sandbox.file(`run/secrets/${file}`, file);
    for (const account of ACCOUNTS) sandbox.file(`run/secrets/mysql_${account}_password`, `pw-${account}`);
    const own = PATHS.reduce((text, path) => text.replaceAll(path, sandbox.path(path)), assetText("database/assets/start.sh"));
    // what looks for renewed certificates ends this long after the server
    const watch = assetText("secrets/assets/reload-when-renewed.sh").replace("CERTIFICATE_SECONDS:-10", "CERTIFICATE_SECONDS:-0.1");
    sandbox.file("start.sh", own);
    sandbox.file("etc/bookstack-db/reload-when-renewed.sh", watch);
    sandbox.command("mysqld", MYSQLD);
    sandbox.file("var/log/mysql/error.log", "the reason\n");
  });
  afterEach(() => sandbox.remove());

  const calls = () => sandbox.read("calls").split("\n").slice(0, -1);
  const sql = () => sandbox.read("run/mysqld/accounts.sql").split("\n").slice(0, -1);

  test("makes an empty database first, then starts the server with the accounts", () => {
    expect(sandbox.sh(["start.sh"])).toMatchObject({ status: 0, stderr: "" });
    const config = `--defaults-file=${sandbox.path("etc/bookstack-db/my.cnf")}`;
    expect(calls()).toEqual([
      `${config} --initialize-insecure --datadir=${sandbox.path("var/lib/mysql/data.new")}`,
      `${config} --init-file=${sandbox.path("run/mysqld/accounts.sql")}`,
    ]);
    expect(sandbox.list("var/lib/mysql")).toEqual(["data", "tmp"]);
  });

  test("has no temporary files of a server that was killed", () => {
    sandbox.file("var/lib/mysql/tmp/ib_left", "x");
    sandbox.sh(["start.sh"]);
    expect(sandbox.list("var/lib/mysql/tmp")).toEqual([]);
  });

  test("leaves data that are there", () => {
    sandbox.file("var/lib/mysql/data/ibdata1", "old");
    expect(sandbox.sh(["start.sh"])).toMatchObject({ status: 0, stdout: "" });
    expect(calls()).toHaveLength(1);
    expect(sandbox.read("var/lib/mysql/data/ibdata1")).toBe("old");
  });

  test("starts from scratch after an interrupted first start, and shows why it failed", () => {
    const { status, stderr } = sandbox.sh(["start.sh"], { INTERRUPTED: "yes" });
    expect({ status, stderr }).toEqual({ status: 3, stderr: "the reason\n" });
    expect(sandbox.list("var/lib/mysql")).toEqual(["data.new", "tmp"]);
    expect(sandbox.sh(["start.sh"]).status).toBe(0);
    expect(sandbox.list("var/lib/mysql")).toEqual(["data", "tmp"]);
    expect(sandbox.read("var/lib/mysql/data/ibdata1")).toBe("whole\n");
  });

  test("fails the same way when there is not even a log", () => {
    sandbox.sh(["-c", "rm var/log/mysql/error.log"]);
    expect(sandbox.sh(["start.sh"], { INTERRUPTED: "yes" }).status).toBe(3);
  });

  test("gives each account the password of its file and the rights of its purpose", () => {
    sandbox.sh(["start.sh"]);
    const of = (name: string) => sql().filter((line) => line.includes(`'${name}'@`));
    expect(of("bookstack")).toEqual([
      "CREATE USER IF NOT EXISTS 'bookstack'@'%';",
      "ALTER USER 'bookstack'@'%' IDENTIFIED BY 'pw-bookstack' WITH MAX_USER_CONNECTIONS 40 PASSWORD EXPIRE NEVER;",
      "REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'bookstack'@'%';",
      // an update migrates a copy, which changes places with the database
      ...["bookstack", "bookstack\\_update", "bookstack\\_outdated"].map(
        (schema) => `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON \`${schema}\`.* TO 'bookstack'@'%';`,
      ),
    ]);
    expect(of("backup").at(-1)).toBe("GRANT SELECT, SHOW VIEW, TRIGGER ON bookstack.* TO 'backup'@'%';");
    // lets new connections use a renewed certificate, and sees no data
    expect(of("health").filter((line) => line.startsWith("GRANT"))).toEqual(["GRANT CONNECTION_ADMIN ON *.* TO 'health'@'localhost';"]);
  });

  test("lets root in from within the container only, and takes nothing from it", () => {
    sandbox.sh(["start.sh"]);
    expect(sql().filter((line) => line.includes("root"))).toEqual([
      "CREATE USER IF NOT EXISTS 'root'@'localhost';",
      "ALTER USER 'root'@'localhost' IDENTIFIED BY 'pw-root' WITH MAX_USER_CONNECTIONS 0 PASSWORD EXPIRE NEVER;",
    ]);
  });

  test("writes no password to the binary log", () => {
    sandbox.sh(["start.sh"]);
    expect(sql()[0]).toBe("SET SESSION sql_log_bin = 0;");
  });

  describe("when a certificate is renewed", () => {
    /** Runs the script with a short-lived fake server, and `during` beside it; returns the calls of the client. */
    function reloads(during: string, client = "exit 0"): { readonly calls: string[]; readonly stdout: string } {
      sandbox.file("told", "");
      sandbox.command("mysql", `echo "$*" >>${sandbox.path("told")}; ${client}`);
      sandbox.command("mysqld", `${MYSQLD}\ncase $* in *--init-file*) ${during} ;; esac`);
      const { stdout } = sandbox.sh(["start.sh"]);
      return { calls: sandbox.read("told").split("\n").slice(0, -1), stdout };
    }
    const put = (file: string) => `echo new >${sandbox.path(`run/secrets/${file}`)}`;
    const command = () => `--defaults-file=${sandbox.path("run/mysqld/health.cnf")} -e ALTER INSTANCE RELOAD TLS`;

    test.each(["database_ca.crt", "database.crt", "database.key"])("lets the server read it once: %s", (file) => {
      const { calls, stdout } = reloads(`sleep 0.3; ${put(file)}; sleep 1.5`);
      expect(calls).toEqual([command()]);
      expect(stdout).toContain("the certificate was renewed");
    });

    test("does nothing while none is", () => {
      expect(reloads("sleep 1").calls).toEqual([]);
    });

    test("tries again when the server could not use it", () => {
      const { calls, stdout } = reloads(`sleep 0.3; ${put("database.crt")}; sleep 1.5`, "exit 1");
      expect(calls.length).toBeGreaterThanOrEqual(2);
      expect(stdout).not.toContain("was renewed");
    });
  });

  test("keeps any password unchanged through SQL and the option file", () => {
    const passwords = fc.string({ unit: fc.constantFrom(..."ab'\"\\`$%;#-/* \t!&|"), minLength: 1, maxLength: 24 });
    fc.assert(
      fc.property(passwords, (password) => {
        sandbox.file("run/secrets/mysql_bookstack_password", `${password}\n`);
        sandbox.file("run/secrets/mysql_health_password", password);
        expect(sandbox.sh(["start.sh"]).status).toBe(0);
        const line = sql().find((candidate) => candidate.startsWith("ALTER USER 'bookstack'")) ?? "";
        expect(unquoted(/IDENTIFIED BY (.*) WITH MAX/.exec(line)?.[1] ?? "")).toBe(password);
        expect(unquoted(/^password=(.*)$/m.exec(sandbox.read("run/mysqld/health.cnf"))?.[1] ?? "")).toBe(password);
      }),
      { numRuns: 15, examples: [["it's"], ["\\"], ["\\' OR '1'='1"], ["$(touch hacked)`date`"]] },
    );
    expect(sandbox.list("")).not.toContain("hacked");
  });

  test("keeps passwords out of arguments, environment, output and other people's sight", () => {
    const { stdout, stderr } = sandbox.sh(["start.sh"]);
    expect(`${calls()}${sandbox.read("environment")}${stdout}${stderr}`).not.toContain("pw-");
    for (const file of ["accounts.sql", "health.cnf"]) expect((statSync(sandbox.path("run/mysqld", file)).mode & 0o777).toString(8)).toBe("600");
  });

  test.each(ACCOUNTS)("does not start without the password of %s", (account) => {
    sandbox.file(`run/secrets/mysql_${account}_password`, "");
    const { status, stderr } = sandbox.sh(["start.sh"]);
    expect(status).toBe(78);
    expect(stderr).toContain(`start: no secret at ${sandbox.path(`run/secrets/mysql_${account}_password`)}`);
    expect(calls().filter((call) => call.includes("--init-file"))).toEqual([]);
  });
});

/** What MySQL makes of a quoted text. */
function unquoted(text: string): string {
  const inner = /^'((?:[^'\\]|\\.)*)'$/.exec(text)?.[1];
  if (inner === undefined) throw new Error(`${text} is not one quoted text`);
  return inner.replace(/\\(.)/g, "$1");
}
