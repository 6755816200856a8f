import { spawn } from "node:child_process";
import { once } from "node:events";
import { BackupRemote } from "../../../constructs/backup/backup-remote";
import { renderKnownHosts, renderSftp } from "../../../constructs/backup/sftp-config";
import { SecretText } from "../../../constructs/secrets/secret";
import { BackupScripts, missingForBackup } from "../../support/backup-scripts";
import { describeUnless, missingProgram } from "../../support/needs";

jest.setTimeout(60_000);

/** Prints its port, then host and signature of each request. */
const S3 = `require("node:http").createServer((request, response) => {
  console.log(request.headers.host, request.headers.authorization);
  response.writeHead(403).end();
}).listen(0, "127.0.0.1", function () { console.log(this.address().port); });`;

describe("BackupRemote", () => {
  test("takes region, path style and a CA of its own for S3", () => {
    const remote = BackupRemote.s3({ name: "a", endpoint: "https://s3.example.com", bucket: "wiki", region: "eu-1", pathStyle: false, ca: "PEM" });
    expect(remote.options).toEqual(["-o s3.region=eu-1", "-o s3.bucket-lookup=dns"]);
    expect(remote.files.map((file) => [file.path, file.text()])).toEqual([["a.ca.crt", "PEM"]]);
  });

  test("is an SFTP server by rclone, with one host key and a private key as a secret", () => {
    const hostKey = "ssh-rsa AAAA";
    const remote = BackupRemote.sftp({ name: "nas", host: "nas.example.com", port: 2222, user: "wiki", hostKey, path: "backups/wiki" });
    expect([remote.kind, remote.repository, remote.secrets.map(({ name }) => name)]).toEqual(["sftp", "rclone:nas:backups/wiki", ["backup_nas_ssh_key"]]);
    const key = SecretText.providedFile("backup_nas_ssh_key");
    const text = renderSftp({ name: "nas", host: "nas.example.com", user: "wiki", hostKey, key, knownHosts: "/etc/backup/nas.known_hosts" });
    expect(text).toContain("port = 22\nuser = wiki\nkey_file = /run/secrets/backup_nas_ssh_key\nknown_hosts_file = /etc/backup/nas.known_hosts\n");
    expect(text).toContain("host_key_algorithms = rsa-sha2-512 rsa-sha2-256\n");
    expect(renderKnownHosts({ name: "nas", host: "nas.example.com", port: 2222, user: "wiki", hostKey })).toBe("[nas.example.com]:2222 ssh-rsa AAAA\n");
  });

  test("is a REST server, whose password is no part of the address", () => {
    const remote = BackupRemote.rest({ name: "rest", endpoint: "https://backup.example.com:8000/", user: "wiki", prefix: "a/b" });
    expect([remote.repository, remote.secrets.map(({ name }) => name)]).toEqual([
      "rest:https://wiki@backup.example.com:8000/a/b/",
      ["backup_rest_rest_password"],
    ]);
  });

  test("is a disk of the Docker host, also one that is mounted later", () => {
    const remote = BackupRemote.local({ name: "disk", path: "/mnt/backup" });
    expect([remote.repository, remote.isAway]).toEqual(["/remotes/disk/restic", false]);
    expect(remote.mounts[0]?.mount).toEqual({ type: "bind", source: "/mnt/backup", target: "/remotes/disk", bindOptions: { propagation: "rslave" } });
  });

  test("has a bandwidth limit of 1 KiB per second or more", () => {
    expect(BackupRemote.local({ name: "disk", path: "/mnt/b", uploadKiB: 2048, downloadKiB: 1 }).options).toEqual([
      "--limit-upload=2048",
      "--limit-download=1",
    ]);
    expect(() => BackupRemote.local({ name: "disk", path: "/mnt/b", uploadKiB: 0 })).toThrow("uploadKiB must be a whole number of 1 or more, got 0");
  });
});

describeUnless(missingForBackup() ?? missingProgram("restic"), "a remote with options", () => {
  let scripts: BackupScripts;
  const remote = (line: string) => {
    scripts.sandbox.file("etc/backup/remotes", `${line}\n`);
    for (const name of ["backup_a_access_key", "backup_a_secret_key", "backup_restic_password"]) scripts.sandbox.file(`run/secrets/${name}`, name, 0o400);
  };
  beforeEach(() => {
    scripts = new BackupScripts();
  });
  afterEach(() => scripts.sandbox.remove());

  test("signs requests for its region, and puts the bucket where it was told", async () => {
    const server = spawn(process.execPath, ["-e", S3], { stdio: ["ignore", "pipe", "inherit"] });
    let printed = "";
    server.stdout.on("data", (text) => (printed += text));
    await once(server.stdout, "data");
    const port = printed.trim();
    remote(`a\ts3\ts3:http://127.0.0.1:${port}/wiki\t-o s3.region=eu-central-9 -o s3.bucket-lookup=path`);
    scripts.shell('BACKUP_KNOCK=3 sh "$BACKUP_ROOT/etc/backup/list.sh"');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(printed).toMatch(new RegExp(`^127\\.0\\.0\\.1:${port} AWS4-HMAC-SHA256 Credential=backup_a_access_key/\\d+/eu-central-9/s3/`, "m"));
    remote("a\ts3\ts3:http://store.invalid/wiki\t-o s3.bucket-lookup=dns");
    expect(scripts.shell('BACKUP_KNOCK=3 sh "$BACKUP_ROOT/etc/backup/list.sh"').stdout).toMatch(/^absent\ta\t.*wiki\.store\.invalid/m);
    server.kill();
  });

  test("a disk that is not mounted takes no set, and says so", () => {
    remote("disk\tlocal\t/remotes/disk/restic");
    scripts.sandbox.folder("remotes/disk");
    expect(scripts.backupAt(1)).toMatchObject({ status: 1, stderr: expect.stringContaining("is the disk mounted?") });
    expect(scripts.sandbox.list("remotes/disk")).toEqual([]);
    expect(scripts.run("list.sh").stdout).toMatch(/^absent\tdisk\t.*is the disk mounted\?/m);
  });
});
