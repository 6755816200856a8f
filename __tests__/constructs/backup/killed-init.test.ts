import { BackupScripts, missingForBackup } from "../../support/backup-scripts";
import { describeUnless, missingProgram } from "../../support/needs";

jest.setTimeout(240_000);

/** The real restic; \`init\` is killed, and the script that called it, after the key was written and before the configuration is. */
const KILLED_IN_INIT = `real=$(PATH=\${PATH#*:} command -v restic)
case " $* " in *" init "*) ;; *) exec "$real" "$@" ;; esac
[ -e "$BACKUP_ROOT/kill" ] || exec "$real" "$@"
rm "$BACKUP_ROOT/kill"
repository=$BACKUP_ROOT/repository
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  rm -rf "$repository"/*
  "$real" "$@" &
  restic=$!
  while kill -0 "$restic" 2>/dev/null; do
    for key in "$repository"/keys/*; do
      case $key in *'*' | *-tmp-* | *.partial) continue ;; esac
      kill -9 "$restic"
      break 2
    done
  done
  wait "$restic" 2>/dev/null
  [ -e "$repository/config" ] || { kill -9 "$(cat "$BACKUP_ROOT/main")"; exit 137; }
done
exit 99`;

describeUnless(
  missingForBackup() ?? missingProgram("restic") ?? missingProgram("rclone"),
  "a run that is killed inside `restic init` leaves a repository half made",
  () => {
    let scripts: BackupScripts;
    const killed = () => {
      scripts.sandbox.file("kill", "");
      scripts.timeOf(0);
      return scripts.shell('echo $$ >"$BACKUP_ROOT/main"; exec sh "$BACKUP_ROOT/etc/backup/backup.sh"');
    };

    beforeEach(() => {
      scripts = new BackupScripts();
      const { sandbox } = scripts;
      sandbox.folder("repository");
      sandbox.file("etc/backup/remotes", `offsite\trclone\trclone:disk:repository\n`);
      sandbox.file("run/secrets/backup_restic_password", "password", 0o400);
      sandbox.file("run/secrets/backup_offsite_rclone_conf", `[disk]\ntype = alias\nremote = ${sandbox.directory}\n`, 0o400);
      sandbox.command("restic", KILLED_IN_INIT);
    });
    afterEach(() => scripts.sandbox.remove());

    test("the next backup completes it, and it can be restored", () => {
      expect(killed().status).toBeNull();
      expect(scripts.sandbox.list("repository/keys")).toHaveLength(1);
      expect(scripts.sandbox.list("repository")).not.toContain("config");
      expect(scripts.backupAt(9)).toMatchObject({ status: 0, stderr: "" });
      expect(scripts.run("open.sh", "latest", "offsite")).toMatchObject({ status: 0, stdout: "20260101T000009Z\n" });
    });

    test("keys are left alone while there is anything that they open", () => {
      killed();
      scripts.sandbox.file("repository/snapshots/0123", "data");
      expect(scripts.backupAt(9)).toMatchObject({ status: 1, stderr: expect.stringMatching(/offsite did not take the set: .*already contains keys/) });
      expect(scripts.sandbox.list("repository/keys")).toHaveLength(1);
    });
  },
);
