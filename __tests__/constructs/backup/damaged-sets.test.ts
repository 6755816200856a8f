import { readSets } from "../../../lib/operations/backup/sets";
import { BackupScripts, missingForBackup } from "../../support/backup-scripts";
import { describeUnless, missingProgram } from "../../support/needs";

jest.setTimeout(60_000);

const SET = "20260101T000000Z";
const FILE = `backups/${SET}.tar.gpg`;

describeUnless(missingForBackup() ?? missingProgram("restic"), "a damaged set", () => {
  let scripts: BackupScripts;
  const withRemote = () => {
    const { sandbox } = scripts;
    sandbox.file("etc/backup/remotes", "disk\tlocal\t/remotes/disk/restic\n");
    sandbox.file("remotes/disk/.backup-disk", "");
    sandbox.file("run/secrets/backup_restic_password", "restic", 0o400);
    expect(scripts.backupAt(0)).toMatchObject({ status: 0, stderr: "" });
  };
  const list = () => readSets(scripts.run("list.sh").stdout).sets;
  const check = (subset = "1/1") => scripts.run("check.sh", subset, "0", "sets");
  /** Flips a bit in the middle of a file. */
  const damage = (file: string) => scripts.shell('chmod u+w "$0"; printf "\\377\\376" | dd of="$0" bs=1 seek="$(($(stat -c %s "$0") / 2))" conv=notrunc', file);

  beforeEach(() => {
    scripts = new BackupScripts();
    scripts.sandbox.sh(["-c", "head -c 400000 /dev/urandom > sources/portal/db"]);
  });
  afterEach(() => scripts.sandbox.remove());

  test("sizes by part are known of each set, wherever it is", () => {
    withRemote();
    const sizes = { database: expect.any(Number), portal: expect.any(Number), secrets: 3 };
    expect(list()).toMatchObject([
      { name: SET, place: "local", parts: sizes },
      { name: SET, place: "disk", parts: sizes },
    ]);
    expect(list()[0]?.parts.portal).toBeGreaterThan(400_000);
  });

  test("a check reads every set on the host, and says that whole ones are whole", () => {
    scripts.backupAt(0);
    expect(check()).toMatchObject({ status: 0, stderr: "" });
    expect(list()[0]?.check).toMatchObject({ good: true, damaged: [] });
  });

  test("on the host: a check names the damaged part and what can be restored without it; the rest is restored", () => {
    scripts.backupAt(0);
    damage(scripts.sandbox.path(FILE));
    const { status, stderr } = check();
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/volumes\/portal\.tar\.zst is not what the manifest says; whole: database,secrets; to restore/),
    ]);
    expect(list()).toMatchObject([{ place: "local", check: { good: false, damaged: ["portal"] } }]);
    expect(scripts.run("open.sh", "latest")).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining("portal") });
    expect(scripts.run("open.sh", "latest", "", "portal")).toEqual({ status: 0, stdout: `${SET}\n`, stderr: "" });
    expect(scripts.sandbox.list("scratch/open/volumes")).toEqual([]);
    scripts.sandbox.file("sources/portal/db", "as it is");
    scripts.step("account");
    for (const step of ["prepare", "swap", "finish"]) expect(scripts.step(step, SET)).toMatchObject({ status: 0, stderr: "" });
    expect(scripts.sandbox.read("sources/portal/db")).toBe("as it is");
    expect(scripts.sandbox.list("scratch")).not.toContain("without");
  });

  test("a set that is cut short: what comes before the end is restored", () => {
    scripts.backupAt(0);
    scripts.sandbox.sh(["-c", `truncate -s 200000 ${FILE}`]);
    expect(scripts.run("open.sh", "latest").stderr).toMatch(/volumes\/portal\.tar\.zst is not what the manifest says; whole: database,secrets;/);
    expect(scripts.run("open.sh", "latest", "", "portal")).toMatchObject({ status: 0, stderr: "" });
  });

  test("without its manifest nothing is restored, and a part that is not in it cannot be left out", () => {
    scripts.backupAt(0);
    scripts.sandbox.sh(["-c", `truncate -s 700 ${FILE}`]);
    expect(scripts.run("open.sh", "latest", "", "portal").stderr).toMatch(/its manifest cannot be read, so no part of it can be verified/);
    expect(scripts.backupAt(1).status).toBe(0);
    expect(scripts.run("open.sh", "latest", "", "wiki")).toMatchObject({
      status: 1,
      stderr: "backup: the set has no part wiki; its parts are: database,portal,secrets\n",
    });
  });

  test("without the database, the tables stay", () => {
    scripts.backupAt(0);
    scripts.run("open.sh", "latest", "", "database");
    scripts.step("account");
    expect(scripts.step("prepare", SET)).toMatchObject({ status: 0, stdout: expect.stringContaining("the database is left out; it stays as it is") });
    expect(scripts.step("swap", SET)).toMatchObject({ status: 0, stderr: "" });
  });

  test("at a remote: a check with all data names the set, its damaged part and what is whole; the rest is fetched", () => {
    withRemote();
    const [pack = ""] = scripts.shell('ls -S "$BACKUP_ROOT"/remotes/disk/restic/data/*/*').stdout.split("\n");
    damage(pack);
    const { status, stderr } = check();
    expect([status, stderr]).toEqual([1, expect.stringMatching(new RegExp(`the set ${SET} at disk is damaged: portal; whole: database,secrets; to restore`))]);
    expect(list()).toMatchObject([
      { place: "local", check: { good: true } },
      { place: "disk", check: { good: false, damaged: ["portal"] } },
    ]);
    scripts.sandbox.sh(["-c", "rm -rf scratch/cache"]);
    expect(scripts.run("open.sh", "latest", "disk")).toMatchObject({ status: 1, stderr: expect.stringContaining("whole: database,secrets;") });
    expect(scripts.run("open.sh", "latest", "disk", "portal")).toMatchObject({ status: 0, stdout: `${SET}\n` });
  });
});
