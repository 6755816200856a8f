import { BackupScripts, missingForBackup } from "../../support/backup-scripts";
import { describeUnless, missingProgram } from "../../support/needs";
import { emptyRepository } from "../../support/restic-repository";

jest.setTimeout(60_000);

describeUnless(missingForBackup() ?? missingProgram("restic"), "a long step at a remote", () => {
  test("says what it does and how far it is", () => {
    const scripts = new BackupScripts();
    const { sandbox } = scripts;
    sandbox.file("etc/backup/remotes", `offsite\ts3\t${sandbox.path("repository")}\n`);
    for (const name of ["backup_offsite_access_key", "backup_offsite_secret_key", "backup_restic_password"]) sandbox.file(`run/secrets/${name}`, name, 0o400);
    emptyRepository(sandbox, "repository", "backup_restic_password");
    expect(scripts.backupAt(0)).toMatchObject({ status: 0 });
    // the real restic, held up before it exits
    sandbox.command(
      "restic",
      '$(PATH=${PATH#*:} command -v restic) "$@" || exit; case " $* " in *" check "*) echo "[0:01] 40.00%  4 / 10 packs"; sleep 4 ;; esac',
    );
    const { status, stdout } = scripts.shell('BACKUP_BEAT=1 exec sh "$BACKUP_ROOT/etc/backup/check.sh" 1/1');
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^backup: checks offsite: \[0:01\] 40\.00% {2}4 \/ 10 packs$/m)]);
    scripts.sandbox.remove();
  });
});
