import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { BackupScripts, missingForBackup } from "../__tests__/support/backup-scripts";
import { TestAuthority } from "../__tests__/support/certificates";
import { describeUnless, missingProgram } from "../__tests__/support/needs";
import { renderRemotes } from "../constructs/backup/backup-config";
import { BackupRemote } from "../constructs/backup/backup-remote";

const SSH_PORT = 22_217;
const PASSWORD = "Canary-p@ss/word:é";
/** A host name that no resolver is asked for. */
const HOST = "localhost";
/** 256 KiB a second. */
const SLOW = { uploadKiB: 256 };

/** The scripts on this machine, restic, and servers on the loopback address: no container. */
describeUnless(missingForBackup() ?? missingProgram("restic") ?? missingProgram("rclone"), "the scripts of the backup, at real servers", () => {
  const authority = new TestAuthority();
  const other = new TestAuthority();
  const scripts = new BackupScripts();
  const { sandbox } = scripts;
  let servers: ChildProcess[] = [];
  let hostKey: string;

  const rclone = (by: TestAuthority, ...args: readonly string[]) => {
    const made = by.issue([HOST]);
    sandbox.file("tls.crt", by.chain(made));
    sandbox.file("tls.key", made.key, 0o600);
    const tls = ["--cert", sandbox.path("tls.crt"), "--key", sandbox.path("tls.key"), "--config", "/dev/null"];
    servers.push(spawn("rclone", ["serve", ...args, ...tls], { stdio: "ignore" }));
  };

  const serve = async (by: TestAuthority, key: string) => {
    for (const server of servers) server.kill();
    servers = [];
    await pause(500);
    rclone(by, "webdav", "--addr", `${HOST}:18443`, "--dir-cache-time", "1s", sandbox.path("there/dav"));
    rclone(by, "restic", "--addr", `${HOST}:18000`, "--user", "wiki", "--pass", PASSWORD, sandbox.path("there/rest"));
    const lines = [
      `ListenAddress 127.0.0.1:${SSH_PORT}`,
      `HostKey ${sandbox.path(key)}`,
      `PidFile ${sandbox.path("pid")}`,
      `AuthorizedKeysFile ${sandbox.path("user.pub")}`,
      "StrictModes no",
      "PasswordAuthentication no",
      "UsePAM no",
      "ForceCommand /usr/lib/openssh/sftp-server",
      "Subsystem sftp /usr/lib/openssh/sftp-server",
    ];
    sandbox.file("sshd", `${lines.join("\n")}\n`);
    mkdirSync("/run/sshd", { recursive: true });
    servers.push(spawn("/usr/sbin/sshd", ["-D", "-e", "-f", sandbox.path("sshd")], { stdio: "ignore" }));
    await pause(1500);
  };

  beforeAll(async () => {
    for (const name of ["host", "host2", "user"]) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", sandbox.path(name)]);
    hostKey = sandbox.read("host.pub").trim();
    for (const folder of ["there/dav", "there/rest", "there/sftp"]) sandbox.folder(folder);
    const ca = authority.root.certificate;
    const remotes = [
      BackupRemote.rclone({ name: "dav", path: "dav:wiki", ca }),
      BackupRemote.rest({ name: "rest", endpoint: `https://${HOST}:18000`, user: "wiki", prefix: "production", ca, ...SLOW }),
      BackupRemote.sftp({ name: "sftp", host: "127.0.0.1", port: SSH_PORT, user: "root", hostKey, path: sandbox.path("there/sftp"), ...SLOW }),
    ];
    sandbox.file("etc/backup/remotes", renderRemotes(remotes));
    const here = (text: string) => text.replaceAll("/run/secrets", sandbox.path("run/secrets")).replaceAll("/etc/backup", sandbox.path("etc/backup"));
    for (const file of remotes.flatMap(({ files }) => files)) sandbox.file(`etc/backup/${file.path}`, here(file.text()));
    sandbox.file("run/secrets/backup_dav_rclone_conf", `[dav]\ntype = webdav\nurl = https://${HOST}:18443\nvendor = other\n`, 0o400);
    sandbox.file("run/secrets/backup_rest_rest_password", PASSWORD, 0o400);
    sandbox.file("run/secrets/backup_sftp_ssh_key", sandbox.read("user"), 0o400);
    sandbox.file("run/secrets/backup_restic_password", "restic", 0o400);
    writeFileSync(sandbox.path("sources/portal/db"), Buffer.from(sandbox.sh(["-c", "head -c 3000 /dev/urandom | base64"]).stdout));
    await serve(authority, "host");
  });

  afterAll(() => {
    for (const server of servers) server.kill();
    sandbox.remove();
    authority.remove();
    other.remove();
  });

  test("WebDAV and REST with a private CA, and SFTP with a host key, take a set, are whole and give it back", () => {
    expect(scripts.backupAt(0)).toMatchObject({ status: 0, stderr: "" });
    expect(scripts.run("check.sh", "1/1")).toMatchObject({ status: 0, stderr: "" });
    for (const name of ["dav", "rest", "sftp"]) expect([name, scripts.run("open.sh", "latest", name)]).toMatchObject([name, { status: 0 }]);
  });

  test("a bandwidth limit holds for restic's own protocol and for those of rclone", () => {
    const script = `. "$BACKUP_ROOT/etc/backup/lib.sh"; . "$CONFIG/remotes.sh"; make_room; head -c 1500000 /dev/urandom > "$SCRATCH/random"
      timed() { reach "$@"; began=$(date +%s%N); restic_within 60 backup "$SCRATCH/random" || cat "$RUN/restic.log"; echo "$1 $((($(date +%s%N) - began) / 1000000))"; }
      each_remote timed; rm -rf "$SCRATCH/random" "$RUN"`;
    const { stdout } = scripts.shell(script);
    const times = Object.fromEntries(stdout.trim().split("\n").map((line) => line.split(" "))); // biome-ignore format: one thought
    process.stderr.write(`milliseconds for 1465 KiB, rest and sftp at 256 KiB a second: ${JSON.stringify(times)}\n`);
    for (const slow of ["rest", "sftp"]) expect([slow, Number(times[slow]) > 4_500]).toEqual([slow, true]);
  });

  test("a server with a certificate of another CA, or with another host key, takes nothing", async () => {
    await serve(other, "host2");
    const { stdout } = scripts.shell('BACKUP_KNOCK=8 sh "$BACKUP_ROOT/etc/backup/list.sh"');
    for (const name of ["dav", "rest"]) expect(stdout).toMatch(new RegExp(`^absent\\t${name}\\t.*certificate`, "m"));
    expect(stdout).toMatch(/^absent\tsftp\t.*key mismatch/m);
    // restic names the address of the server
    expect(stdout).not.toMatch(/Canary|p%40ss/);
  });
});
