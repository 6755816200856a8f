import { assetText } from "../../../constructs/core/asset";
import { describeUnless, missingProgram } from "../../support/needs";
import { emptyRepository } from "../../support/restic-repository";
import { Sandbox } from "../../support/sandbox";

describeUnless(missingProgram("restic") ?? missingProgram("jq") ?? missingProgram("flock"), "the password of repositories is rotated", () => {
  let sandbox: Sandbox;
  const run = (step: string, other: string) => {
    sandbox.file("other", other, 0o600);
    return sandbox.sh(["-c", `sh rotate-restic.sh ${step} <other`], { BACKUP_ROOT: sandbox.directory, BACKUP_KNOCK: "15" }, 60);
  };
  /** Whether a password opens the repository, by restic itself. */
  const opens = (password: string) => {
    sandbox.file("try", password, 0o600);
    return sandbox.sh(["-c", "restic --repo repository --password-file try --no-cache cat config --no-lock"]).status;
  };
  const secret = (value: string) => sandbox.file("run/secrets/backup_restic_password", value, 0o600);

  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.file("rotate-restic.sh", assetText("backup/assets/rotate-restic.sh"));
    for (const name of ["lib.sh", "remotes.sh"]) sandbox.file(`etc/backup/${name}`, assetText(`backup/assets/${name}`));
    sandbox.file("etc/backup/remotes", `offsite\ts3\t${sandbox.path("repository")}\n`);
    for (const folder of ["backups", "scratch"]) sandbox.folder(folder);
    for (const key of ["access", "secret"]) sandbox.file(`run/secrets/backup_offsite_${key}_key`, "key", 0o600);
    secret("old");
    emptyRepository(sandbox, "repository", "old");
  });
  afterEach(() => sandbox.remove());

  test("both open it until the old one is removed, and each step can be repeated", () => {
    for (const _ of ["once", "again"]) expect(run("add", "new")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect([opens("old"), opens("new")]).toEqual([0, 0]);
    secret("new");
    expect(run("check", "")).toEqual({ status: 0, stdout: "", stderr: "" });
    for (const _ of ["once", "again"]) expect(run("remove", "old")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect([opens("old"), opens("new")]).toEqual([12, 0]);
    expect(sandbox.sh(["-c", "ls repository/keys | wc -l"]).stdout.trim()).toBe("1");
  });

  test("a repository that does not exist yet is left to the next backup", () => {
    sandbox.file("etc/backup/remotes", `offsite\ts3\t${sandbox.path("none")}\n`);
    for (const step of ["add", "check", "remove"]) expect([step, run(step, "new").status]).toEqual([step, 0]);
    expect(sandbox.list(".")).not.toContain("none");
  });

  test("a remote that does not take the new password stops the rotation, and keeps the old one", () => {
    sandbox.sh(["-c", "mv repository/keys repository/away && : > repository/keys"]);
    expect(run("add", "new")).toMatchObject({ status: 1, stderr: expect.stringMatching(/^backup: offsite /) });
    sandbox.sh(["-c", "rm repository/keys && mv repository/away repository/keys"]);
    expect([opens("old"), opens("new")]).toEqual([0, 12]);
  });

  test("nothing is done while a backup is going on", () => {
    const holding = "exec 8>>backups/.lock; flock 8; sh rotate-restic.sh add <other 8>&-";
    sandbox.file("other", "new", 0o600);
    expect(sandbox.sh(["-c", holding], { BACKUP_ROOT: sandbox.directory })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("another run of the backup is going on"),
    });
    expect(opens("new")).toBe(12);
  });
});
