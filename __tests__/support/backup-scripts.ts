import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { withOperatorTexts } from "../../constructs/core/operator-texts";
import { missingProgram, ROOT } from "./needs";
import { type Outcome, Sandbox } from "./sandbox";

const SCRIPTS = join(ROOT, "constructs", "backup", "assets");
const PROGRAMS = ["awk", "cmp", "flock", "gpg", "jq", "sha256sum", "tar", "timeout", "zstd"];
const DUMP = `-- MySQL dump
CREATE TABLE \`books\` (
  id int
);
INSERT INTO \`books\` VALUES (1,'a');
INSERT INTO \`books\` VALUES (2,'); INSERT INTO \`other\` VALUES (1');
CREATE TABLE \`empty\` (
  id int
);
-- Dump completed on 2026-01-31  1:00:00
`;

/** What the scripts need that this machine lacks; nothing when they can run. */
export function missingForBackup(): string | undefined {
  return PROGRAMS.map(missingProgram).find((missing) => missing !== undefined);
}

/** The scripts of the backup, with everything they reach below one directory, and a database and restic that are played. */
export class BackupScripts {
  public readonly sandbox = new Sandbox();

  /** With `weak`, a set is encrypted without stretching the passphrase: that takes a fifth of a second each time, and one test is about it. */
  constructor({ keep = 3, weak = true } = {}) {
    const { sandbox } = this;
    const script = (text: string) => withOperatorTexts(weak ? text.replace("--s2k-count 65011712", "--s2k-count 65536") : text);
    for (const name of readdirSync(SCRIPTS)) sandbox.file(`etc/backup/${name}`, script(readFileSync(join(SCRIPTS, name), "utf8")));
    for (const folder of ["backups", "scratch", "metrics", "sources/portal"]) sandbox.folder(folder);
    sandbox.file("etc/backup/sources", "# name\nportal\t0:0\twhole\n");
    sandbox.file("etc/backup/remotes", "# none\n");
    sandbox.file("etc/backup/secrets", "# name\napp_key\n");
    sandbox.file("run/secrets/app_key", "key", 0o400);
    sandbox.file("run/secrets/mysql_backup_password", "pw'1", 0o400);
    sandbox.file("run/secrets/backup_passphrase", "correct horse", 0o400);
    sandbox.file("sources/portal/db", "rows");
    sandbox.file("dump", DUMP);
    sandbox.file("password", "0123456789abcdef");
    // the version, nothing that cannot be moved, no tables; and whatever is loaded is taken
    sandbox.command("mysql", "case $* in *VERSION*) echo 8.4.11 ;; *views*) echo 0 ;; *--execute*) ;; *) cat >/dev/null ;; esac");
    sandbox.command("mysqldump", `cat "$BACKUP_ROOT/dump"; [ ! -e "$BACKUP_ROOT/broken" ] || { echo "mysqldump: Got error: 2003" >&2; exit 2; }`);
    this.environment = {
      BACKUP_ROOT: sandbox.directory,
      BACKUP_ENVIRONMENT: "test",
      BACKUP_KEEP: `${keep}`,
      BACKUP_REMOTE_KEEP: "--keep-last=3",
      BOOKSTACK_IMAGE: "wiki:1.2.3",
      DB_HOST: "db",
      DB_NAME: "bookstack",
      DB_PORT: "3306",
      DB_USER: "backup",
    };
  }

  private readonly environment: Readonly<Record<string, string>>;

  public run(script: string, ...args: readonly string[]): Outcome {
    return this.sandbox.sh([this.sandbox.path("etc/backup", script), ...args], this.environment);
  }

  /** One step of a restore; `main` is the process that a test may have to kill. */
  public step(name: string, set = "", more: Readonly<Record<string, string>> = {}): Outcome {
    const main = 'MAIN=$$ && export MAIN && exec sh "$BACKUP_ROOT/etc/backup/restore.sh" "$0" "$1" <"$BACKUP_ROOT/password"';
    return this.sandbox.sh(["-c", main, name, set], { ...this.environment, ...more });
  }

  /** A command line of its own, with what the scripts get. */
  public shell(line: string, ...args: readonly string[]): Outcome {
    return this.sandbox.sh(["-c", line, ...args], this.environment);
  }

  /** Makes a set under the name that the time `seconds` after the start of 2026 gives. */
  public backupAt(seconds: number): Outcome {
    this.timeOf(seconds);
    return this.run("backup.sh");
  }

  /** Sets are named by the time `seconds` after the start of 2026 from here on. */
  public timeOf(seconds: number): void {
    const stamp = new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString().replace(/[-:]|\.000/g, "");
    const date = this.sandbox.sh(["-c", "command -v date"]).stdout.trim();
    this.sandbox.command("date", `case $* in *%Y*) echo ${stamp} ;; *) exec ${date.includes(this.sandbox.directory) ? "/bin/date" : date} "$@" ;; esac`);
  }

  /** Names of the sets. */
  public sets(): string[] {
    return this.sandbox.list("backups").filter((name) => name.endsWith(".tar.gpg"));
  }

  public metric(name: string): string | undefined {
    return new RegExp(`^${name.replace(/[{}]/g, "\\$&")} (.*)$`, "m").exec(this.sandbox.read("metrics/backup.prom"))?.[1];
  }
}
