import { assetText } from "../constructs/core/asset";
import { HostStep } from "../constructs/host/host-step";
import { BackupScripts, missingForBackup } from "./support/backup-scripts";
import { HostScript } from "./support/host-script";
import { describeUnless, missingProgram } from "./support/needs";
import { planOf } from "./support/plan";
import { type Outcome, OWN_USER, Sandbox } from "./support/sandbox";
import { grant, SecretScript } from "./support/secret-script";

jest.setTimeout(120_000);

/** No job may exit with 0 after an exception or a failed step: later services would start after an incomplete preparation. */
function expectFailure({ status, stdout, stderr }: Outcome): void {
  expect({ failed: status !== 0 && status !== null, stdout, stderr }).toMatchObject({ failed: true });
}

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

describeUnless(missingProgram("php"), "jobs in PHP", () => {
  /** The setup of the wiki with an application in the place of BookStack. */
  function setup(application: string): Outcome {
    sandbox.file(
      "bookstack/vendor/autoload.php",
      "<?php namespace Illuminate\\Database; class Connection { static function resolverFor() {} } class MySqlConnection extends Connection {}",
    );
    sandbox.file("bookstack/bootstrap/app.php", `<?php ${application}`);
    sandbox.file("setup.php", assetText("wiki/assets/setup.php").replaceAll("/var/www/bookstack", sandbox.path("bookstack")));
    sandbox.file("database-update.php", assetText("wiki/assets/database-update.php"));
    return sandbox.sh(["-c", "exec php setup.php"]);
  }

  test.each([
    ["an exception that a framework catches", "set_exception_handler(static fn () => null); throw new Exception('taken');"],
    ["an exit in foreign code", "exit(0);"],
    ["die with a text", "die('nothing more to do');"],
    ["a fatal error", "set_exception_handler(static fn () => null); nothing_of_that_name();"],
  ])("setup fails after %s", (_, application) => expectFailure(setup(application)));

  test("a secret that cannot be read ends every program before its first line", () => {
    sandbox.file("secrets.php", assetText("wiki/assets/secrets.php").replaceAll("/run/secrets", sandbox.path("run")));
    sandbox.file("anything.php", "<?php exit(0);");
    expect(sandbox.sh(["-c", "exec php -d auto_prepend_file=secrets.php anything.php"]).status).toBe(78);
    expectFailure(sandbox.sh(["-c", "exec php -d auto_prepend_file=not-there.php anything.php"]));
  });

  test("the job of the portal's users fails when a person lacks what is written down, and writes nothing", () => {
    sandbox.file("users.php", assetText("edge/authelia/assets/users.php"));
    sandbox.file("first-error.php", assetText("core/assets/first-error.php"));
    sandbox.file("secrets/user_alice_hash", "$argon2id$v=19$first$alice");
    sandbox.file("people.json", JSON.stringify([{ name: "alice", displayName: "Alice", email: "alice@example.com" }]));
    sandbox.folder("data");
    expectFailure(sandbox.sh(["-c", "exec php users.php people.json data/users.yml secrets"]));
    expect(sandbox.list("data")).toEqual([]);
  });
});

describeUnless(missingProgram("openssl"), "the job that creates secrets", () => {
  let script: SecretScript;
  beforeEach(() => {
    script = new SecretScript();
  });
  afterEach(() => script.sandbox.remove());

  test.each(["laravel-key - -", "hex 64 -", "password 24 -", "rsa 2048 -"])("fails without a random source: %s", (kind) => {
    script.sandbox.command("openssl", "exit 1");
    expectFailure(script.run([`create key ${kind}`]));
    expect(script.sandbox.list("store")).toEqual([]);
  });

  test("fails when a program dies after it has written half of a value", () => {
    script.must("create plain password 24 -");
    script.sandbox.command("php", "printf '$argon2id$half'; exit 255");
    expectFailure(script.run(["create plain password 24 -", "create hash argon2-of plain -"]));
    expect(script.sandbox.list("store")).toEqual(["plain"]);
  });

  test("takes no secret from a service because the list of them cannot be searched", () => {
    const lines = ["create plain password 24 -", grant("plain", "web")];
    script.must(...lines);
    script.sandbox.command("grep", "exit 2");
    expectFailure(script.run(lines));
    expect(script.sandbox.list("services/web")).toEqual(["plain"]);
  });
});

test("the job that gives volumes to their owners fails when one cannot be given away", () => {
  const owners = planOf(({ volumes }) => void volumes.volume("data", { owner: "999:998" })).file("test-volume-owners", "owners.sh");
  sandbox.folder("volumes/data");
  sandbox.file("owners.sh", owners.replaceAll("/volumes", sandbox.path("volumes")));
  sandbox.command("chown", "exit 1");
  expectFailure(sandbox.sh(["owners.sh"]));
});

describe("the rotation of logs", () => {
  test("fails when a log cannot be packed", () => {
    sandbox.file("rotate.sh", assetText("docker/assets/rotate.sh"));
    sandbox.file("logs/error.log", "");
    sandbox.file("logs/error-20200101T000000Z.log", "old");
    sandbox.sh(["-c", "touch -d '2 hours ago' logs/error-20200101T000000Z.log"]);
    sandbox.command("gzip", "exit 1");
    expectFailure(sandbox.sh(["rotate.sh", sandbox.path("logs"), "none", "error.log"]));
  });
});

describeUnless(missingForBackup(), "backup and restore", () => {
  let scripts: BackupScripts;
  beforeEach(() => {
    scripts = new BackupScripts();
  });
  afterEach(() => scripts.sandbox.remove());

  test("a backup fails when a piece cannot be measured for its manifest", () => {
    const stat = scripts.sandbox.sh(["-c", "command -v stat"]).stdout.trim();
    scripts.sandbox.command("stat", `case $* in *secrets/app_key*) exit 1 ;; esac; exec ${stat} "$@"`);
    expectFailure(scripts.backupAt(0));
    expect(scripts.sets()).toEqual([]);
  });

  test("a restore drops no table of before because the database did not answer when it was asked for its mark", () => {
    scripts.step("account");
    scripts.sandbox.command("mysql", 'case $* in *information_schema*) exit 1 ;; *DROP*) echo dropped >>"$BACKUP_ROOT/dropped" ;; esac');
    expectFailure(scripts.step("back"));
    expect(scripts.sandbox.list(".")).not.toContain("dropped");
  });

  test("a restore forgets no file of before because its volume could not be looked into", () => {
    scripts.step("account");
    scripts.sandbox.file("sources/portal/.restore-before/db", "rows");
    scripts.sandbox.command("find", "exit 1");
    scripts.sandbox.command("test", "exit 1");
    scripts.sandbox.command("setpriv", 'shift 3; exec "$@"');
    scripts.sandbox.file("etc/backup/sources", `# name\nportal\t${OWN_USER}\twhole\n`);
    expectFailure(scripts.step("back"));
    expect(scripts.sandbox.list("sources/portal/.restore-before")).toEqual(["db"]);
  });
});

describe("a part of the host", () => {
  let host: HostScript;
  beforeEach(() => {
    host = new HostScript();
  });
  afterEach(() => host.sandbox.remove());

  test.each(["enable", "start"])("fails when systemd does not %s its service", (verb) => {
    host.sandbox.command("systemctl", `[ "$1" != -q ] || shift; case $1 in is-*|${verb}) exit 1 ;; esac`);
    expectFailure(host.run("apply", [HostStep.service("a.service")]));
  });
});
