import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { BackupScripts, missingForBackup } from "../../support/backup-scripts";
import { describeUnless } from "../../support/needs";

jest.setTimeout(60_000);

describeUnless(missingForBackup(), "the scripts of the backup", () => {
  let scripts: BackupScripts;
  beforeEach(() => {
    scripts = new BackupScripts();
  });
  afterEach(() => scripts.sandbox.remove());

  const flip = (file: string) => scripts.sandbox.sh(["-c", `printf '\\001' | dd of=${file} bs=1 seek=300 conv=notrunc`]);

  test("make a set that only the passphrase opens, for its owner alone", () => {
    const { status, stdout, stderr } = scripts.backupAt(0);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^backup: made 20260101T000000Z: \d+ bytes in \d+ s$/m);
    expect(scripts.sets()).toEqual(["20260101T000000Z.tar.gpg"]);
    expect((statSync(scripts.sandbox.path("backups/20260101T000000Z.tar.gpg")).mode & 0o777).toString(8)).toBe("600");
    expect(scripts.sandbox.list("scratch")).toEqual([]);
    expect([scripts.metric("backup_last_attempt_success"), scripts.metric("backup_sets")]).toEqual(["1", "1"]);
  });

  test("stretch the passphrase as far as GnuPG can", () => {
    const shipped = new BackupScripts({ weak: false });
    shipped.backupAt(0);
    const packets = "gpg --homedir home --batch --no-autostart --pinentry-mode loopback --passphrase-file run/secrets/backup_passphrase --list-packets";
    const { stdout } = shipped.sandbox.sh(["-c", `mkdir -m 700 home && ${packets} backups/*.gpg`]);
    shipped.sandbox.remove();
    // AES256, SHA512
    expect(stdout).toMatch(/cipher 9,.*s2k 3, hash 10\n.*count 65011712 /);
  });

  test("write a manifest of every piece, every table with its rows, and a checksum of all rows", () => {
    scripts.backupAt(0);
    expect(scripts.run("open.sh", "latest")).toEqual({ status: 0, stdout: "20260101T000000Z\n", stderr: "" });
    const manifest = JSON.parse(scripts.sandbox.read("scratch/open/manifest.json"));
    const rows = scripts.sandbox
      .read("dump")
      .split("\n")
      .filter((line) => line.startsWith("INSERT"))
      .map((line) => `${line}\n`)
      .join("");
    expect(manifest).toEqual({
      format: 1,
      set: "20260101T000000Z",
      environment: "test",
      versions: { mysql: "8.4.11", bookstack: "wiki:1.2.3" },
      pieces: ["dump.sql.zst", "secrets/app_key", "volumes/portal.tar.zst"].map((file) => ({
        file,
        size: expect.any(Number),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      })),
      tables: [
        { table: "books", rows: 2 },
        { table: "empty", rows: 0 },
      ],
      rows_sha256: createHash("sha256").update(rows).digest("hex"),
    });
  });

  test("write each piece and each table of the manifest on a line of its own, as release 0.2.0 reads it", () => {
    scripts.backupAt(0);
    scripts.run("open.sh", "latest");
    const lines = scripts.sandbox.read("scratch/open/manifest.json").split("\n");
    const read = (pattern: RegExp) => lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);
    expect(read(/^ {4}\{"file": "([a-z0-9_./-]*)", "size": \d+, "sha256": "[0-9a-f]{64}"/)).toEqual([
      "dump.sql.zst",
      "secrets/app_key",
      "volumes/portal.tar.zst",
    ]);
    expect(read(/^ {4}\{"table": "([^"]*)", "rows": \d+\}/)).toEqual(["books", "empty"]);
    expect([read(/^ {2}"set": "(.*)",$/), read(/^ {2}"rows_sha256": "([0-9a-f]+)"/)]).toEqual([["20260101T000000Z"], [expect.any(String)]]);
  });

  test("remove exactly the oldest when there is one more than are kept", () => {
    for (let set = 0; set < 4; set += 1) expect(scripts.backupAt(set).status).toBe(0);
    expect(scripts.sets()).toEqual([1, 2, 3].map((second) => `20260101T00000${second}Z.tar.gpg`));
  });

  test("remove nothing when a run fails, and leave nothing half written", () => {
    for (let set = 0; set < 3; set += 1) scripts.backupAt(set);
    scripts.sandbox.file("broken", "");
    expect(scripts.backupAt(3)).toMatchObject({ status: 1, stderr: "backup: the database cannot be dumped: mysqldump: Got error: 2003\n" });
    expect(scripts.sets()).toHaveLength(3);
    expect([scripts.sandbox.list("scratch"), scripts.sandbox.list("backups").filter((name) => name.endsWith(".partial"))]).toEqual([[], []]);
    expect(scripts.metric("backup_last_attempt_success")).toBe("0");
  });

  test("refuse a dump that ends too early, although the program did not complain", () => {
    scripts.sandbox.file("dump", scripts.sandbox.read("dump").replace(/-- Dump completed.*\n/, ""));
    expect(scripts.backupAt(0)).toMatchObject({ status: 1, stderr: "backup: the dump is cut short\n" });
  });

  test.each([
    ["a byte that is another", (file: string) => void flip(file), /^backup: the set 20260101T000000Z is damaged: gpg: /],
    ["its end missing", (file: string) => void scripts.sandbox.sh(["-c", `truncate -s 500 ${file}`]), /^backup: the set 20260101T000000Z is damaged: gpg: /],
    [
      "another passphrase",
      () => void scripts.sandbox.file("run/secrets/backup_passphrase", "wrong", 0o400),
      /^backup: the passphrase is not that of the set 20260101T000000Z\n$/,
    ],
  ])("open no set with %s", (_, spoil, pattern) => {
    scripts.backupAt(0);
    spoil(scripts.sandbox.path("backups/20260101T000000Z.tar.gpg"));
    expect(scripts.run("open.sh", "latest")).toEqual({ status: 1, stdout: "", stderr: expect.stringMatching(pattern) });
    expect(scripts.sandbox.list("scratch")).toEqual([]);
  });

  test("open a set that was made with a passphrase before the one in use, and say of a damaged one that it is damaged", () => {
    scripts.backupAt(0);
    const before = scripts.sandbox.read("run/secrets/backup_passphrase");
    scripts.sandbox.file("run/secrets/backup_passphrase", "another", 0o400);
    for (const [name, value] of [
      ["00000000", "neither"],
      ["11111111", before],
    ] as const)
      scripts.sandbox.file(`run/secrets/backup_passphrase.kept.${name}`, value, 0o400);
    expect(scripts.run("open.sh", "latest")).toMatchObject({ status: 0, stdout: "20260101T000000Z\n" });
    flip(scripts.sandbox.path("backups/20260101T000000Z.tar.gpg"));
    expect(scripts.run("open.sh", "latest")).toMatchObject({ status: 1, stderr: expect.stringContaining("is damaged: gpg: ") });
  });

  test("open no set whose name is that of another", () => {
    scripts.backupAt(0);
    scripts.sandbox.sh(["-c", "mv backups/20260101T000000Z.tar.gpg backups/20270101T000000Z.tar.gpg"]);
    expect(scripts.run("open.sh", "latest")).toMatchObject({ status: 1, stderr: "backup: the set 20270101T000000Z holds another one: 20260101T000000Z\n" });
  });

  test("say which sets there are when there is none of that name", () => {
    expect(scripts.run("open.sh", "latest").stderr).toBe("backup: there is no set yet; run backup.sh in this container\n");
    scripts.backupAt(0);
    expect(scripts.run("open.sh", "20200101T000000Z").stderr).toBe("backup: there is no set 20200101T000000Z; the sets are: 20260101T000000Z \n");
    expect(scripts.run("open.sh", "latest", "elsewhere").stderr).toBe("backup: there is no remote elsewhere; the remotes are: \n");
  });

  test("run one at a time, and the second disturbs nothing", () => {
    scripts.backupAt(0);
    scripts.sandbox.file("scratch/set/half", "of the other run");
    const { status, stderr } = scripts.sandbox.sh(["-c", 'exec 9>>backups/.lock; flock 9; BACKUP_ROOT="$PWD" BACKUP_KEEP=3 sh etc/backup/backup.sh 9>&-']);
    expect([status, stderr]).toEqual([1, "backup: another run of the backup is going on; wait for its end (docker top shows it)\n"]);
    expect(scripts.sandbox.list("scratch/set")).toEqual(["half"]);
  });

  test("tidy up what a run that was killed left behind", () => {
    scripts.sandbox.file("scratch/set/dump.sql.zst", "half");
    scripts.sandbox.file("backups/20200101T000000Z.tar.gpg.partial", "half");
    expect(scripts.backupAt(0).status).toBe(0);
    expect(scripts.sets()).toEqual(["20260101T000000Z.tar.gpg"]);
    expect([scripts.sandbox.list("scratch"), scripts.sandbox.list("backups")]).toEqual([[], [".lock", "20260101T000000Z.tar.gpg"]]);
  });

  test("read a volume again that changed meanwhile, and give up when it never holds still", () => {
    const tar = scripts.sandbox.sh(["-c", "command -v tar"]).stdout.trim();
    scripts.sandbox.command("tar", `case $* in *sources*) echo x >>"$BACKUP_ROOT/sources/portal/db" ;; esac\nexec ${tar} "$@"`);
    scripts.sandbox.command("sleep", "exit 0");
    expect(scripts.backupAt(0)).toMatchObject({ status: 1, stderr: "backup: portal did not hold still while it was read, ten times\n" });
    scripts.sandbox.file("etc/backup/sources", "portal\t0:0\tmoving\n");
    expect(scripts.backupAt(1)).toMatchObject({ status: 0, stdout: expect.stringContaining("portal changes all the time; taken as it is") });
  });

  test("list the sets, and the results of drills", () => {
    scripts.backupAt(0);
    scripts.sandbox.file("metrics/state/verified.20260101T000000Z", "1769700000 1\n");
    expect(scripts.run("list.sh").stdout).toMatch(/^set\t20260101T000000Z\t\d+\t1769700000\t1$/m);
  });

  test("write metrics that Prometheus can read, each described once", () => {
    scripts.backupAt(0);
    const text = scripts.sandbox.read("metrics/backup.prom");
    for (const line of text.trim().split("\n")) expect(line).toMatch(/^(# (HELP|TYPE) backup_\w+ .+|backup_\w+(\{remote="\w+"\})? [0-9.]+)$/);
    const described = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name);
    expect(new Set(described).size).toBe(described.length);
    expect((statSync(scripts.sandbox.path("metrics/backup.prom")).mode & 0o777).toString(8)).toBe("644");
  });

  describe("with a remote", () => {
    /** Fake restic: records its calls, and fails on request. */
    const RESTIC = `echo "$*" >>"$BACKUP_ROOT/calls"; env >>"$BACKUP_ROOT/environment"; cat "$AWS_SHARED_CREDENTIALS_FILE" >"$BACKUP_ROOT/credentials"
case $* in *"cat config"*) exit "\${CONFIG_CODE:-$(cat "$BACKUP_ROOT/config-code" 2>/dev/null || echo 0)}" ;; *backup*) [ ! -e "$BACKUP_ROOT/refuse" ] || { echo "Fatal: no space" >&2; exit 1; } ;; esac`;

    beforeEach(() => {
      scripts.sandbox.file("etc/backup/remotes", "offsite\ts3\ts3:https://s3.example.com/wiki\n");
      for (const [name, value] of [
        ["backup_offsite_access_key", "ACCESS"],
        ["backup_offsite_secret_key", "VERYSECRET"],
        ["backup_restic_password", "RESTICPW"],
      ] as const) {
        scripts.sandbox.file(`run/secrets/${name}`, value, 0o400);
      }
      scripts.sandbox.command("restic", RESTIC);
    });

    const calls = () => scripts.sandbox.read("calls").split("\n").slice(0, -1).map((call) => call.replace("--quiet ", "")); // biome-ignore format: one thought

    test("copy the parts there, and delete old sets", () => {
      expect(scripts.backupAt(0)).toMatchObject({ status: 0, stderr: "" });
      expect(calls()).toEqual([
        "cat config --no-lock",
        "unlock",
        `backup --host test --tag 20260101T000000Z ${scripts.sandbox.path("scratch/set")}`,
        "forget --host test --group-by host --keep-last=3 --prune",
      ]);
      expect(scripts.metric('backup_remote_success{remote="offsite"}')).toBe("1");
    });

    test("make the repository when there is none", () => {
      scripts.sandbox.file("config-code", "10");
      scripts.backupAt(0);
      expect(calls().slice(0, 2)).toEqual(["cat config --no-lock", "init"]);
    });

    test("keep the set when the remote does not take it, and say so", () => {
      scripts.sandbox.file("refuse", "");
      const { status, stderr } = scripts.backupAt(0);
      expect([status, stderr]).toEqual([1, "backup: offsite did not take the set: Fatal: no space\nbackup: the set is here, but not at: offsite\n"]);
      expect([scripts.sets().length, scripts.metric("backup_last_attempt_success"), scripts.metric('backup_remote_success{remote="offsite"}')]).toEqual([
        1,
        "1",
        "0",
      ]);
      expect(calls().some((call) => call.startsWith("forget"))).toBe(false);
    });

    test("hand credentials over in a file: in no argument, variable or output", () => {
      const { stdout, stderr } = scripts.backupAt(0);
      expect(scripts.sandbox.read("credentials")).toBe("[default]\naws_access_key_id=ACCESS\naws_secret_access_key=VERYSECRET\n");
      expect(`${calls()}${scripts.sandbox.read("environment")}${stdout}${stderr}`).not.toMatch(/ACCESS$|VERYSECRET|RESTICPW|correct horse|pw'1/m);
      expect(scripts.sandbox.list("run")).toEqual(["secrets"]);
    });
  });
});
