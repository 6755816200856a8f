import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestAuthority } from "../__tests__/support/certificates";
import type { Sets } from "../lib/operations/backup/sets";
import { Backups, tried } from "./support/backup";
import { Deployment, docker, succeeded, until } from "./support/deployment";

const WIKI = new Deployment({ name: "rem", http: 18_302, https: 18_303, subnets: 216 });
const GATEWAY = "10.216.1.1";
const SERVERS = "remotes-rem";
const HOST = "store.rem.test";
const SSH_PORT = 22_216;
const DISK = "/srv/rem-disk";
const KEY = "Canary0123456789";
const PASSWORD = "Canary-p@ss/word:é";
const UPLOADS = "/var/www/bookstack/storage/uploads/files";
/** 256 KiB a second. */
const SLOW = { uploadLimit: "256K" };
const PLACES = ["dav", "disk", "local", "rest", "s3", "sftp"];

const authority = new TestAuthority();
const other = new TestAuthority();
const backups = new Backups(WIKI);
const directory = mkdtempSync(join(tmpdir(), "remotes-"));
const path = (name: string) => join(directory, name);
let sshd: ChildProcess | undefined;

function write(): void {
  const ca = authority.root.certificate;
  const remotes = [
    { name: "dav", kind: "rclone", path: "dav:wiki", ca },
    { name: "disk", kind: "local", path: DISK },
    { name: "rest", kind: "rest", endpoint: `https://${HOST}:8000`, user: "wiki", prefix: "production", ca, ...SLOW },
    { name: "s3", kind: "s3", endpoint: `https://${HOST}:9000`, bucket: "wiki", region: "eu-central-9", pathStyle: true, ca },
    { name: "sftp", kind: "sftp", host: GATEWAY, port: SSH_PORT, user: "root", hostKey: read("host.pub"), path: path("sftp"), ...SLOW },
  ];
  WIKI.write({ backup: { keep: 3, remotes } });
}

function read(name: string): string {
  return readFileSync(path(name), "utf8").trim();
}

function storeSecrets(): void {
  const rclone = `[dav]\ntype = webdav\nurl = https://${HOST}:8443\nvendor = other\n`;
  const secrets = {
    backup_s3_access_key: KEY,
    backup_s3_secret_key: KEY,
    backup_rest_rest_password: PASSWORD,
    backup_sftp_ssh_key: read("user"),
    backup_dav_rclone_conf: rclone,
  };
  for (const [name, value] of Object.entries(secrets)) succeeded(WIKI.commandWith(value, "secret", name));
}

/** rclone as a server of S3, WebDAV and restic's REST protocol, with a certificate of `by`. */
function serve(by: TestAuthority): void {
  tried(["rm", "--force", SERVERS]);
  const made = by.issue([HOST]);
  mkdirSync(path("tls"), { recursive: true });
  writeFileSync(path("tls/crt"), by.chain(made));
  writeFileSync(path("tls/key"), made.key);
  const tls = "--cert /tls/crt --key /tls/key --config /dev/null";
  const script = [
    "mkdir -p /data/s3/wiki /data/dav /data/rest",
    `rclone serve s3 --addr :9000 --auth-key ${KEY},${KEY} ${tls} --dir-cache-time 1s /data/s3 &`,
    `rclone serve webdav --addr :8443 ${tls} --dir-cache-time 1s /data/dav &`,
    `exec rclone serve restic --addr :8000 --user wiki --pass '${PASSWORD}' ${tls} /data/rest`,
  ].join("\n");
  const { image } = WIKI.summary().containers.find(({ name }) => name === backups.container) ?? { image: "" };
  const mounts = ["--mount", `type=bind,source=${path("tls")},target=/tls,readonly`, "--mount", `type=volume,source=${SERVERS}-data,target=/data`];
  docker(
    ...["run", "--detach", "--rm", "--name", SERVERS, "--network", `${WIKI.name}-proxy`, "--network-alias", HOST],
    ...[...mounts, "--entrypoint", "sh", image, "-c", script],
  );
}

/** OpenSSH's server, which permits nothing but SFTP. */
function startSshd(hostKey: string): void {
  sshd?.kill();
  const lines = [
    `ListenAddress ${GATEWAY}:${SSH_PORT}`,
    `HostKey ${path(hostKey)}`,
    `PidFile ${path("pid")}`,
    `AuthorizedKeysFile ${path("user.pub")}`,
    "StrictModes no",
    "PasswordAuthentication no",
    "UsePAM no",
    "ForceCommand /usr/lib/openssh/sftp-server",
    "Subsystem sftp /usr/lib/openssh/sftp-server",
  ];
  writeFileSync(path("sshd"), `${lines.join("\n")}\n`);
  mkdirSync("/run/sshd", { recursive: true });
  sshd = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", path("sshd")], { stdio: "ignore" });
}

function list(): Sets {
  return JSON.parse(succeeded(WIKI.command("backups", "--json")));
}

async function listening(): Promise<void> {
  const ports = [...[8000, 8443, 9000].map((port) => `/dev/tcp/${HOST}/${port}`), `/dev/tcp/${GATEWAY}/${SSH_PORT}`];
  const script = ports.map((port) => `echo > ${port}`).join(" && ");
  await until(() => tried(["exec", backups.container, "bash", "-c", script]).status === 0, 30, "the servers listen");
}

function clean(): void {
  tried(["rm", "--force", SERVERS, `${WIKI.name}-restore`]);
  WIKI.clean();
  tried(["volume", "rm", "--force", `${SERVERS}-data`]);
}

beforeAll(async () => {
  for (const name of ["host", "host2", "user"]) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path(name)]);
  mkdirSync(path("sftp"));
  mkdirSync(DISK, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", "mode=0700,size=256m", "rem-disk", DISK]);
  writeFileSync(join(DISK, ".backup-disk"), "");
  write();
  clean();
  write();
  storeSecrets();
  WIKI.must("deploy");
  serve(authority);
  startSshd("host");
  await listening();
  docker("exec", WIKI.container("bookstack"), "sh", "-c", `mkdir -p ${UPLOADS} && head -c 1500000 /dev/urandom > ${UPLOADS}/picture`);
});

afterAll(() => {
  write();
  clean();
  sshd?.kill();
  execFileSync("umount", [DISK]);
  rmSync(DISK, { recursive: true });
  rmSync(directory, { recursive: true });
  authority.remove();
  other.remove();
});

describe("remotes of every kind", () => {
  test("S3, WebDAV and REST with a private CA, SFTP with a host key, and a disk: each takes the set and gives it back", () => {
    expect(WIKI.must("backup")).toMatch(/^backup: made \d{8}T\d{6}Z/m);
    const { sets, absent } = list();
    expect(absent).toEqual([]);
    expect(sets.map(({ place }) => place).sort()).toEqual(PLACES);
    for (const { parts } of sets) expect(parts).toMatchObject({ database: expect.any(Number), uploads: expect.any(Number), authelia: expect.any(Number) });
    for (const place of PLACES.filter((one) => one !== "local"))
      expect([place, backups.script("open.sh", ["latest", place])]).toMatchObject([place, { status: 0 }]);
    expect(WIKI.must("backups")).toMatch(/Parts of \d{8}T\d{6}Z, compressed[\s\S]* uploads +1\.4 MiB/);
  });

  test("a bandwidth limit holds for restic's own protocols and for those of rclone", () => {
    const script = `. /etc/backup/lib.sh; . /etc/backup/remotes.sh; make_room; head -c 1500000 /dev/urandom > /scratch/random
      timed() { reach "$@"; began=$(date +%s%N); restic_within 60 backup --tag limit /scratch/random || cat /run/backup/restic.log; echo "$1 $((($(date +%s%N) - began) / 1000000))"; }
      each_remote timed; rm -rf /scratch/random /run/backup`;
    const times = Object.fromEntries(
      backups
        .shell(script)
        .split("\n")
        .map((line) => line.split(" ") as [string, string]),
    );
    process.stderr.write(`milliseconds for 1.5 MB: ${JSON.stringify(times)}\n`);
    // 1465 KiB at 256 KiB a second, of which a second may go at once
    for (const slow of ["rest", "sftp"]) expect([slow, Number(times[slow]) > 4_500]).toEqual([slow, true]);
  });

  test("credentials are in no argument, variable or log", () => {
    const seen = docker("inspect", backups.container) + docker("logs", backups.container) + backups.shell("cat /etc/backup/* /proc/[0-9]*/cmdline");
    for (const secret of [KEY, PASSWORD, read("user").split("\n")[2] ?? "?"]) expect(seen).not.toContain(secret);
  });

  test("a server with a certificate of another CA, or with another host key, takes nothing", async () => {
    serve(other);
    startSshd("host2");
    await listening();
    const { output } = backups.script("list.sh", [], { BACKUP_KNOCK: "8" });
    for (const name of ["dav", "rest", "s3"]) expect(output).toMatch(new RegExp(`^absent\\t${name}\\t.*(certificate|unknown authority)`, "m"));
    expect(output).toMatch(/^absent\tsftp\t.*(key mismatch|handshake)/m);
    serve(authority);
    startSshd("host");
    await listening();
  });
});

describe("damage", () => {
  test("a check reads every set and remote, and exits with 0 while all are whole", () => {
    const { status, stderr } = WIKI.command("backups", "--check");
    expect([status, stderr]).toEqual([0, expect.stringMatching(/checks \d{8}T\d{6}Z[\s\S]*disk is whole[\s\S]*sftp is whole/)]);
  });

  test("a damaged part of the set is named, with the command that restores the rest, and that command does", () => {
    const [name = ""] = backups.names();
    backups.flip(`/backups/${name}.tar.gpg`);
    const checked = WIKI.command("backups", "--check");
    const command = new RegExp(`npm run restore -- rem ${name} --without uploads`);
    expect([checked.status, checked.stderr]).toEqual([1, expect.stringMatching(command)]);
    expect(checked.stdout).toMatch(new RegExp(`${name}  local .*DAMAGED \\(uploads\\)`));
    docker("exec", WIKI.container("bookstack"), "sh", "-c", `echo later > ${UPLOADS}/later`);
    expect(WIKI.command("restore", name, "--yes").stderr).toMatch(command);
    expect(WIKI.must("restore", name, "--yes", "--without", "uploads")).toMatch(/rem is restored from/);
    // what was left out stays as it is
    expect(docker("exec", WIKI.container("bookstack"), "cat", `${UPLOADS}/later`)).toBe("later");
    expect(WIKI.command("restore", name, "--yes", "--from", "disk").status).toBe(0);
    expect(tried(["exec", WIKI.container("bookstack"), "cat", `${UPLOADS}/later`]).status).not.toBe(0);
  });
});
