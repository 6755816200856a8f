import { describeUnless } from "../__tests__/support/needs";
import { docker, until } from "./support/deployment";
import { LEFT_OUT } from "./support/needs";
import { WikiDatabase } from "./support/wiki-database";

/** The real setup of BookStack against a real MySQL, with the files and secrets of the plan. */
const wiki = new WikiDatabase("setup-e2e", "10.241.3.0/26");

/** Where the image keeps migrations. */
const MIGRATIONS = "/var/www/bookstack/database/migrations";

/** A migration of a later version, mounted into the image. */
function migration(name: string, up: string): string {
  const text = `<?php
use Illuminate\\Database\\Migrations\\Migration;
use Illuminate\\Support\\Facades\\DB;
return new class extends Migration {
    public function up(): void
    {
        ${up}
    }
};
`;
  return `${wiki.file(`migrations/${name}.php`, text)}:${MIGRATIONS}/${name}.php:ro`;
}

/** A program in the wiki that has one statement run for so many seconds. */
function sleeping(seconds: number) {
  const lines = [
    "<?php",
    "require 'vendor/autoload.php';",
    "$app = require 'bootstrap/app.php';",
    "$app->make(Illuminate\\Contracts\\Console\\Kernel::class)->bootstrap();",
    `Illuminate\\Support\\Facades\\DB::select('SELECT SLEEP(${seconds})');`,
    "echo 'woke up';",
  ];
  return { mounts: [`${wiki.file("sleep.php", lines.join("\n"))}:/sleep.php:ro`], command: ["php", "/sleep.php"] };
}

/** Everything that an update may change: tables with their columns, migrations that are recorded, and what people wrote. */
function everything(): string {
  return wiki.rows(
    "SELECT table_schema, table_name, column_name, column_type FROM information_schema.columns WHERE table_schema LIKE 'bookstack%' ORDER BY 1, 2, ordinal_position;" +
      "SELECT migration FROM bookstack.migrations ORDER BY 1; CHECKSUM TABLE bookstack.users, bookstack.settings, bookstack.role_permissions, bookstack.activities",
  );
}

beforeAll(() => wiki.start());
afterAll(() => wiki.remove());

describe("a first setup", () => {
  test("leaves no stock account, and nothing of the copy that it migrated", () => {
    const { status, output } = wiki.setup();
    expect([status, output]).toEqual([0, expect.stringContaining("setup: the stock account is now first@wiki.localhost\nsetup: the migrated copy")]);
    expect(output).toMatch(/setup: migration 1 of \d+: 2014_10_12_000000_create_users_table\n/);
    expect(wiki.rows("SELECT email FROM bookstack.users WHERE system_name IS NULL")).toBe("first@wiki.localhost");
    expect(wiki.rows("SHOW DATABASES LIKE 'bookstack%'")).toBe("bookstack");
  });

  test("does nothing when it is repeated", () => {
    const before = everything();
    expect(wiki.setup()).toEqual({ status: 0, output: "setup: the database is up to date\n" });
    expect(everything()).toBe(before);
  });
});

describe("an update whose migration fails", () => {
  test("names it and MySQL's error, exits with 1, and leaves the database unchanged, each time", () => {
    const before = everything();
    const mounts = [
      migration("2099_01_01_000001_begin_change", "DB::statement('ALTER TABLE users ADD COLUMN half INT'); DB::statement('DROP TABLE favourites');"),
      migration("2099_01_01_000002_break_change", "DB::insert('INSERT INTO users (no_such_column) VALUES (?)', ['not-for-a-log']);"),
    ];
    for (const _ of ["first", "second"]) {
      const { status, output } = wiki.setup({ mounts });
      expect(status).toBe(1);
      expect(output).toContain("setup: the migration 2099_01_01_000002_break_change failed, of 2 pending\n");
      expect(output).toContain("setup: MySQL: SQLSTATE[42S22]: Column not found: 1054 Unknown column 'no_such_column' in 'field list'\n");
      expect(output).toContain("setup: the database is unchanged: ");
      expect(output).not.toContain("not-for-a-log");
      expect(everything()).toBe(before);
    }
  });

  test("is refused with a reason when an earlier update stopped halfway: the column is there, the migration is not recorded", () => {
    wiki.rows(
      "DELETE FROM bookstack.migrations WHERE migration = '2026_04_19_141616_add_revision_view_all_permission' OR migration = '2025_11_23_161812_create_slug_history_table'",
    );
    const before = everything();
    for (const _ of ["first", "second"]) {
      const { status, output } = wiki.setup();
      expect(status).toBe(1);
      expect(output).toMatch(
        /setup: the migration 2025_11_23_161812_create_slug_history_table failed, of 2 pending\nsetup: MySQL: SQLSTATE\[42S01\]: .* 1050 /,
      );
      expect(output).toContain("If an earlier update stopped halfway, restore a set that was made before it, then deploy; ");
      expect(everything()).toBe(before);
    }
    wiki.rows(
      "INSERT INTO bookstack.migrations (migration, batch) VALUES ('2026_04_19_141616_add_revision_view_all_permission', 1), ('2025_11_23_161812_create_slug_history_table', 1)",
    );
  });

  test("does not continue when a migration exits the program", () => {
    const before = everything();
    const { status } = wiki.setup({ mounts: [migration("2099_01_01_000003_leave", "exit(0);")] });
    expect(status).toBe(70);
    expect(wiki.setup().status).toBe(0);
    expect(everything()).toBe(before);
  });
});

describe("a database that is slow, locked or down", () => {
  test("a statement of 25 seconds succeeds: no read timeout of web requests applies to setup", () => {
    const { status, output } = wiki.setup({ mounts: [migration("2099_01_02_000001_take_long", "DB::select('SELECT SLEEP(25)');")] });
    expect([status, output]).toEqual([0, expect.stringContaining("setup: the database is up to date\n")]);
    wiki.rows("DELETE FROM bookstack.migrations WHERE migration LIKE '2099%'");
  });

  test("nor to a command of an operator", () => {
    const code = "foreach (['mysqlnd.net_read_timeout', 'max_execution_time', 'memory_limit'] as $name) echo $name, '=', ini_get($name), PHP_EOL;";
    expect(wiki.command({ command: ["php", "-r", code] })).toEqual({
      status: 0,
      output: "mysqlnd.net_read_timeout=86400\nmax_execution_time=0\nmemory_limit=576M\n",
    });
  });

  test("a connection that is killed during a migration ends with 1, names the migration, and is not repeated", async () => {
    const before = everything();
    const mounts = [migration("2099_01_02_000002_be_killed", "DB::statement('ALTER TABLE users ADD COLUMN once INT'); DB::select('SELECT SLEEP(300)');")];
    const setup = wiki.setupInBackground({ mounts });
    const sleeping = "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(300)%'";
    await until(() => wiki.rows(sleeping) !== "", 120, "the migration sleeps");
    wiki.rows(`KILL ${wiki.rows(sleeping)}`);
    const { status, output } = wiki.ended(setup);
    expect(status).toBe(1);
    expect(output).toContain("setup: the migration 2099_01_02_000002_be_killed failed, of 1 pending\n");
    expect(output).toMatch(/setup: MySQL: SQLSTATE\[HY000\]: General error: (2006 MySQL server has gone away|2013 .*)\n/);
    expect(everything()).toBe(before);
  });

  test("a killed job leaves the database unchanged, and the next one deletes its copy", async () => {
    const before = everything();
    const setup = wiki.setupInBackground({ mounts: [migration("2099_01_02_000003_be_killed_too", "DB::select('SELECT SLEEP(300)');")] });
    await until(
      () => wiki.rows("SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(300)%'") !== "0",
      120,
      "the migration sleeps",
    );
    docker("kill", setup);
    expect(wiki.ended(setup).status).toBe(137);
    wiki.rows(
      "SET @kill = (SELECT CONCAT('KILL ', id) FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(300)%' LIMIT 1); PREPARE s FROM @kill; EXECUTE s",
    );
    expect(wiki.setup()).toMatchObject({ status: 0 });
    expect(everything()).toBe(before);
  });

  test("a wiki that still writes is waited for, then refused, so that nothing is missing in the copy", () => {
    const holder = `${wiki.name}-holder`;
    wiki.commandInBackground(holder, sleeping(200));
    const { status, output } = wiki.setup({ mounts: [migration("2099_01_02_000004_wait", "DB::statement('SELECT 1');")] });
    docker("rm", "--force", holder);
    expect([status, output]).toEqual([
      1,
      expect.stringMatching(
        /setup: the update of the database failed, of 1 pending\nsetup: the wiki, or a command in it, still uses the database \(10\.241\.3\.\d+/,
      ),
    ]);
  });

  test("an image that is older than the database is refused", () => {
    wiki.rows("INSERT INTO bookstack.migrations (migration, batch) VALUES ('2099_09_09_000000_of_a_newer_version', 9)");
    const { status, output } = wiki.setup();
    wiki.rows("DELETE FROM bookstack.migrations WHERE migration LIKE '2099%'");
    expect([status, output]).toEqual([1, expect.stringContaining("setup: the database is that of a newer BookStack (2099_09_09_000000_of_a_newer_version). ")]);
  });
});

describeUnless(LEFT_OUT, "a database that does not answer for two minutes", () => {
  test("ends setup with 75", () => {
    wiki.stopServer();
    const { status, output } = wiki.setup();
    expect([status, output]).toEqual([75, expect.stringMatching(/^setup: no database: SQLSTATE\[HY000\] \[2002\]/)]);
  });
});
