import { BackupScripts, missingForBackup } from "../../support/backup-scripts";
import { describeUnless, missingProgram } from "../../support/needs";
import { emptyRepository } from "../../support/restic-repository";

jest.setTimeout(240_000);

/**
 * The real restic; a run of the subcommand in the file `kill` is killed, and the script that called it, while it holds a lock. It is
 * repeated until it was caught with one.
 */
const KILLABLE = `real=$(PATH=\${PATH#*:} command -v restic)
wanted=$(cat "$BACKUP_ROOT/kill" 2>/dev/null || echo none)
case " $* " in *" $wanted "*) ;; *) exec "$real" "$@" ;; esac
for try in 1 2 3 4 5 6 7 8 9 10; do
  "$real" "$@" &
  restic=$!
  while kill -0 "$restic" 2>/dev/null; do
    set -- "$@"
    for lock in "$RESTIC_REPOSITORY"/locks/*; do
      case $lock in *-tmp-*) continue ;; esac
      [ ! -e "$lock" ] || { kill -9 "$restic"; break 2; }
    done
  done
  wait "$restic" 2>/dev/null
  for lock in "$RESTIC_REPOSITORY"/locks/*; do
    case $lock in *-tmp-*) continue ;; esac
    [ ! -e "$lock" ] || { rm "$BACKUP_ROOT/kill"; kill -9 "$(cat "$BACKUP_ROOT/main")"; exit 137; }
  done
done
exit 99`;

describeUnless(missingForBackup() ?? missingProgram("restic"), "a run with a remote, killed while restic holds a lock", () => {
  let scripts: BackupScripts;
  /** Half a lock under a temporary name is none for restic. */
  const locks = () => scripts.sandbox.list("repository/locks").filter((name) => !name.includes("-tmp-"));
  const killed = (step: string, script: string, ...args: readonly string[]) => {
    scripts.sandbox.file("kill", step);
    const main = `echo $$ >"$BACKUP_ROOT/main"; exec sh "$BACKUP_ROOT/etc/backup/$0" "$@"`;
    return scripts.shell(main, script, ...args);
  };
  /** What the scripts of this release do next, each for itself on the remote as the kill left it. */
  const next = {
    backup: () => scripts.backupAt(9),
    check: () => scripts.run("check.sh", "1/1"),
    restore: () => scripts.run("open.sh", "latest", "offsite"),
  };

  beforeEach(() => {
    scripts = new BackupScripts();
    const { sandbox } = scripts;
    sandbox.file("etc/backup/remotes", `offsite\ts3\t${sandbox.path("repository")}\n`);
    for (const name of ["backup_offsite_access_key", "backup_offsite_secret_key", "backup_restic_password"]) sandbox.file(`run/secrets/${name}`, name, 0o400);
    emptyRepository(sandbox, "repository", "backup_restic_password");
    expect(scripts.backupAt(0)).toMatchObject({ status: 0, stderr: "" });
    sandbox.command("restic", KILLABLE);
  });
  afterEach(() => scripts.sandbox.remove());

  test.each([
    ["backup", "backup.sh", []],
    ["forget", "backup.sh", []],
    ["check", "check.sh", ["1/1"]],
  ] as const)("in %s: check, restore and backup work at once, and no lock stays", (step, script, args) => {
    scripts.timeOf(1);
    expect(killed(step, script, ...args).status).toBeNull();
    expect(locks()).toHaveLength(1);
    expect(next.restore()).toMatchObject({ status: 0, stderr: "" });
    expect(next.check()).toMatchObject({ status: 0, stderr: "" });
    expect(next.backup()).toMatchObject({ status: 0, stderr: "" });
    expect(locks()).toEqual([]);
  });

  test("the next run is a backup: it takes the set", () => {
    scripts.timeOf(1);
    killed("forget", "backup.sh");
    expect(next.backup()).toMatchObject({ status: 0, stderr: "" });
    expect(next.restore()).toMatchObject({ status: 0, stdout: "20260101T000009Z\n" });
  });

  test("a lock of another machine stays while it may be in use: the backup waits for the next night, a restore works", () => {
    scripts.timeOf(1);
    killed("forget", "backup.sh");
    scripts.sandbox.command("uname", "echo another-machine");
    // restic calls the lock of a process that does not exist stale on its own host alone
    scripts.sandbox.command("restic", `exec unshare -Uru sh -c 'hostname another-machine && exec $(PATH=\${PATH#*:} command -v restic) "$@"' sh "$@"`);
    expect(next.backup()).toMatchObject({ status: 1, stderr: expect.stringMatching(/offsite did not take the set: .*already locked/) });
    expect(locks()).toHaveLength(1);
    scripts.sandbox.command("restic", KILLABLE);
    expect(next.restore()).toMatchObject({ status: 0, stderr: "" });
  });

  test("a killed restore leaves the remote free", () => {
    scripts.sandbox.file("kill", "restore");
    expect(next.restore()).toMatchObject({ status: 1 });
    expect(locks()).toEqual([]);
  });
});
