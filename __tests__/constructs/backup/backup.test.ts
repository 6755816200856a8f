import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Backup, type BackupProps } from "../../../constructs/backup/backup";
import { BackupRemote } from "../../../constructs/backup/backup-remote";
import { ByteSize } from "../../../constructs/core/byte-size";
import { Duration } from "../../../constructs/core/duration";
import { Schedule } from "../../../constructs/core/schedule";
import { MySql } from "../../../constructs/database/mysql";
import { checkPolicy } from "../../../constructs/policy";
import { SecretText } from "../../../constructs/secrets/secret";
import { describeUnless, missingProgram, ROOT } from "../../support/needs";
import { type Block, planOf, type TestContext } from "../../support/plan";
import { Sandbox } from "../../support/sandbox";

const REMOTES = [
  BackupRemote.s3({ name: "offsite", endpoint: "https://s3.example.com", bucket: "wiki" }),
  BackupRemote.rclone({ name: "nas", path: "nas:wiki" }),
];

function backupIn({ stack, namespace, image, networks, volumes, secrets }: TestContext, props: Partial<BackupProps> = {}): Backup {
  const mysql = new MySql(stack, "MySql", {
    ...{ namespace, image, volumes, secrets, network: networks.database },
    bufferPool: ByteSize.parse("64M"),
    slowQuery: Duration.seconds(1),
    limits: { memoryMiB: 1024 },
  });
  const volume = volumes.volume("portal", { owner: "1000:1000" });
  const part = { backedUp: { volumes: [{ volume, kind: "whole" as const }], secrets: [SecretText.hex("portal_key")] } };
  return new Backup(stack, "Backup", {
    ...{ namespace, image, mysql, volumes, secrets },
    networks: [{ network: networks.backend }, { network: networks.database }],
    parts: [part],
    wikiImage: "wiki:1.2.3",
    times: { backup: Schedule.daily("02:00"), drill: Schedule.weekly("Sunday 04:00"), check: Schedule.weekly("Saturday 04:00"), timezone: "Europe/Paris" },
    keep: 10,
    remoteKeep: { last: 10, daily: 7, weekly: 5, monthly: 12 },
    operator: secrets.directory("operator", "0:0"),
    limits: { memoryMiB: 768 },
    ...props,
  });
}

function planWith(props: Partial<BackupProps> = {}) {
  return planOf((context) => void backupIn(context, props));
}

function withRemotes({ networks }: TestContext): Partial<BackupProps> {
  return { remotes: REMOTES, networks: [networks.backend, networks.database, networks.proxy].map((network) => ({ network })) };
}

const networksOf = ({ networks_advanced }: Block): string[] => networks_advanced.map(({ name }: Block) => /Networks_(\w+?)_/.exec(name)?.[1]);

describe("Backup", () => {
  const plan = planWith();
  const container = plan.container("test-backup");
  const given = (text: string, service: string) => text.split("\n").filter((line) => line.startsWith("give") && line.split("\t")[2] === service).map((line) => line.split("\t")[1]); // biome-ignore format: one thought

  test("is root without rights: it may become others, and read nothing as root", () => {
    expect(container).toMatchObject({ user: "0:0", read_only: true, capabilities: { drop: ["ALL"], add: ["CAP_SETGID", "CAP_SETUID"] } });
    expect(JSON.stringify(plan.json)).not.toContain("DAC");
  });

  test("refuses a volume of temporary files", () => {
    const build = () =>
      planOf((context) => {
        const volume = context.volumes.volume("scratch", { owner: "1:1", scratch: true });
        backupIn(context, { parts: [{ backedUp: { volumes: [{ volume, kind: "moving" }], secrets: [] } }] });
      });
    expect(build).toThrow("parts must not name the volume scratch; it holds temporary files only");
  });

  test("breaks no rule of the policy but those that it is exempt from", () => {
    let problems: string[] = ["not asked"];
    planOf((context) => {
      backupIn(context);
      problems = checkPolicy(context.stack).filter((problem) => problem.includes("/Backup"));
    });
    expect(problems).toEqual([]);
  });

  test("sees what it backs up, and can change nothing of it", () => {
    const mounts = container.mounts.map(({ target, read_only }: { target: string; read_only?: boolean }) => [target, read_only !== true]);
    expect(mounts).toEqual([
      ["/etc/backup", false],
      ["/run/secrets", false],
      ["/backups", true],
      ["/scratch", true],
      ["/metrics", true],
      ["/sources/portal", false],
    ]);
    expect(plan.file("test-backup", "sources")).toBe("# name, owner, kind\nportal\t1000:1000\twhole\n");
  });

  test("has no way out without a remote, and one with", () => {
    expect(networksOf(container)).toEqual(["backend", "database"]);
    const remote = planOf((context) => void backupIn(context, withRemotes(context)));
    expect(networksOf(remote.container("test-backup"))).toEqual(["backend", "database", "proxy"]);
    expect(remote.file("test-backup", "remotes")).toBe(
      "# name, kind, repository, options\nnas\trclone\trclone:nas:wiki\noffsite\ts3\ts3:https://s3.example.com/wiki\n",
    );
  });

  test("gets what it dumps and encrypts with, and the keys that belong into a set", () => {
    const manifest = plan.file("test-secrets", "manifest");
    expect(given(manifest, "backup")).toEqual(["backup_passphrase", "database_ca.crt", "mysql_backup_password", "portal_key"]);
    expect(plan.file("test-backup", "secrets")).toBe("# name\nportal_key\n");
  });

  test("hands the passphrase to the operator, and never makes another while there are sets", () => {
    const manifest = planOf((context) => void backupIn(context, withRemotes(context))).file("test-secrets", "manifest");
    expect(given(manifest, "operator")).toEqual(["backup_passphrase", "backup_restic_password"]);
    expect(manifest).toContain("guard\tbackup_passphrase\t/guards/backups\n");
    expect(manifest).toContain("create\tbackup_nas_rclone_conf\tprovided-file\t");
  });

  test("calls its scripts at their times, in the time zone of people", () => {
    expect(plan.file("test-backup", "crontab").split("\n")).toEqual([
      "CRON_TZ=Europe/Paris",
      "0 2 * * * sh /etc/backup/backup.sh 10800",
      "0 4 * * 0 sh /etc/backup/drill.sh 10800",
      '0 4 * * 6 sh /etc/backup/check.sh "" 10800',
      "",
    ]);
  });

  test("has no empty file, which Docker's provider would refuse in the middle of a deploy", () => {
    const files = plan.files().filter(({ container: reader }) => reader === "test-backup");
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter(({ text }) => text === "").map(({ path }) => path)).toEqual([]);
    expect(plan.file("test-backup", "remotes")).toBe("# name, kind, repository, options\n");
  });

  test("has every script of its folder", () => {
    // a rotation of the restic password sends it to the container
    const scripts = readdirSync(join(ROOT, "constructs/backup/assets")).filter((script) => script !== "rotate-restic.sh");
    for (const script of scripts) expect(plan.file("test-backup", script)).toContain("\n");
  });

  test("has no secret in its environment", () => {
    expect(container.env).toEqual([
      "BACKUP_ENVIRONMENT=test",
      "BACKUP_KEEP=10",
      "BACKUP_REMOTE_KEEP=--keep-last=10 --keep-daily=7 --keep-weekly=5 --keep-monthly=12",
      "BOOKSTACK_IMAGE=wiki:1.2.3",
      "DB_HOST=bookstack-db",
      "DB_NAME=bookstack",
      "DB_PORT=3306",
      "DB_USER=backup",
    ]);
  });

  test.each<[Partial<BackupProps>, string]>([
    [{ keep: 0 }, "keep must be 1 or more, got 0"],
    [{ remotes: REMOTES }, "networks must name a routable one when there is a remote"],
    [{ remotes: [...REMOTES, ...REMOTES] }, "remotes must have unique names"],
  ])("refuses %j", (props, reason) => {
    expect(() => planWith(props)).toThrow(reason);
  });

  describeUnless(missingProgram("supercronic"), "supercronic -test", () => {
    test("accepts the crontab", () => {
      const sandbox = new Sandbox();
      sandbox.file("crontab", plan.file("test-backup", "crontab"));
      expect(sandbox.sh(["-c", "supercronic -test crontab"]).status).toBe(0);
      sandbox.file("crontab", "61 2 * * * true\n");
      expect(sandbox.sh(["-c", "supercronic -test crontab"]).status).not.toBe(0);
      sandbox.remove();
    });
  });
});
