import { BackupScripts, missingForBackup } from "../../support/backup-scripts";
import { describeUnless } from "../../support/needs";

jest.setTimeout(120_000);

const SET = "20260101T000000Z";
const PORTAL = "sources/portal";
/** Ends the script as an engine does, at the rename whose number is asked for. */
const KILL = 'echo >>"$BACKUP_ROOT/moves"; if [ "$(wc -l <"$BACKUP_ROOT/moves")" -eq "$KILL_AT" ]; then kill -9 "$MAIN"; exit 1; fi; exec "$MV" "$@"';

describeUnless(missingForBackup(), "restore.sh", () => {
  let scripts: BackupScripts;

  /** A set of what was, opened, and something newer in its place. */
  beforeEach(() => {
    scripts = new BackupScripts();
    scripts.sandbox.file(`${PORTAL}/deep/er/file`, "old");
    scripts.backupAt(0);
    scripts.run("open.sh", "latest");
    scripts.sandbox.sh(["-c", `rm -r ${PORTAL}/deep`]);
    scripts.sandbox.file(`${PORTAL}/db`, "newer rows");
    scripts.sandbox.file(`${PORTAL}/later`, "newer");
    scripts.sandbox.file(`${PORTAL}/.secure-bookstack`, "");
    scripts.step("account");
  });
  afterEach(() => scripts.sandbox.remove());

  const files = () => scripts.sandbox.sh(["-c", `cd ${PORTAL} && find . -type f -exec sha256sum {} + | sort`]).stdout;
  const entries = () => scripts.sandbox.list(PORTAL);

  test("changes nothing before the swap, then everything, and forgets what was there", () => {
    const newer = files();
    expect(scripts.step("prepare", SET)).toMatchObject({ status: 0, stderr: "" });
    expect(entries()).toEqual([".restore-new", ".secure-bookstack", "db", "later"]);
    expect(scripts.step("swap")).toMatchObject({ status: 0, stderr: "" });
    expect([entries(), scripts.sandbox.read(`${PORTAL}/db`), scripts.sandbox.read(`${PORTAL}/deep/er/file`)]).toEqual([
      [".restore-before", ".restore-moving-in", ".restore-new", ".secure-bookstack", "db", "deep"],
      "rows",
      "old",
    ]);
    expect(files()).not.toBe(newer);
    expect(scripts.step("finish")).toMatchObject({ status: 0, stderr: "" });
    expect([entries(), scripts.sandbox.list("scratch")]).toEqual([[".secure-bookstack", "db", "deep"], ["tmp"]]);
  });

  test("puts back what was there, wherever it was killed", () => {
    const newer = files();
    const mv = scripts.sandbox.sh(["-c", "command -v mv"]).stdout.trim();
    let at = 0;
    for (let status: number | null = 1; status !== 0; ) {
      at += 1;
      expect(scripts.step("prepare", SET).status).toBe(0);
      scripts.sandbox.command("mv", KILL);
      expect(scripts.step("swapped")).toEqual({ status: 0, stdout: "", stderr: "" });
      status = scripts.step("swap", "", { KILL_AT: `${at}`, MV: mv }).status;
      scripts.sandbox.sh(["-c", "rm -f bin/mv moves"]);
      expect(scripts.step("swapped")).toEqual({ status: 0, stdout: expect.stringMatching(/^portal$/m), stderr: "" });
      expect(scripts.step("back")).toMatchObject({ status: 0, stderr: "" });
      expect([files(), entries()]).toEqual([newer, [".secure-bookstack", "db", "later"]]);
    }
    expect(at).toBeGreaterThan(2);
    expect(scripts.step("back")).toMatchObject({ status: 0, stderr: "" });
    expect(files()).toBe(newer);
  });

  test("refuses a set that was opened and is no longer what its manifest says", () => {
    scripts.sandbox.sh(["-c", "chmod 600 scratch/open/secrets/app_key; printf x >> scratch/open/secrets/app_key"]);
    expect(scripts.step("prepare", SET)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`the set ${SET} is damaged: secrets/app_key is not what the manifest says; whole: database,portal;`),
    });
    expect(entries()).toEqual([".secure-bookstack", "db", "later"]);
  });

  test("refuses rows that are not those of the manifest", () => {
    scripts.sandbox.file("dump", scripts.sandbox.read("dump").replace("(1,'a')", "(1,'b')"));
    expect(scripts.step("prepare", SET)).toMatchObject({ status: 1, stderr: "backup: the restored rows are not those of the manifest\n" });
    scripts.sandbox.file("dump", scripts.sandbox.read("dump").replace(/INSERT INTO .*\n/, ""));
    scripts.step("back");
    expect(scripts.step("prepare", SET)).toMatchObject({ status: 1, stderr: "backup: the restored tables do not have the rows of the manifest\n" });
  });

  test("leaves alone a volume that is not in the set", () => {
    scripts.sandbox.file("etc/backup/sources", "portal\t0:0\twhole\nlater\t0:0\twhole\n");
    scripts.sandbox.file("sources/later/file", "stays");
    for (const step of ["prepare", "swap", "finish"]) expect(scripts.step(step, SET).status).toBe(0);
    expect(scripts.sandbox.read("sources/later/file")).toBe("stays");
  });
});
