import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Backups, S3Server, sql, tried } from "./support/backup";
import { Deployment, docker, healthy, succeeded, until } from "./support/deployment";
import { VolumeWatch } from "./support/volume-watch";

const WIKI = new Deployment({ name: "bkp", http: 18_161, https: 18_163, subnets: 221 });
const S3_ADDRESS = "10.221.1.40";
const KEYS = { access: `Canary${randomBytes(8).toString("hex")}`, secret: `Canary${randomBytes(16).toString("hex")}` };
const BACKUP = {
  keep: 3,
  remotes: [{ name: "offsite", kind: "s3", endpoint: `http://${S3_ADDRESS}:9000`, bucket: "wiki" }],
};
/** Secrets that must not leak; kept away from the Docker host, as an operator does. */
const PASSPHRASE = `Canary${randomBytes(20).toString("hex")}`;
const RESTIC = `Canary${randomBytes(20).toString("hex")}`;
const UPLOADS = "/var/www/bookstack/storage/uploads";
const ROWS = 2000;
const FAULTY = { BACKUP_KNOCK: "8" };

const backups = new Backups(WIKI);
let s3: S3Server;
let before: { tables: string; files: string; key: string; storageKey: string };

/** Tables that the running wiki changes. */
const BUSY = ["sessions", "cache", "cache_locks"];

/** Names of tables, whatever the version of BookStack calls them. */
function tablesWhere(condition: string): string[] {
  return sql(WIKI, `SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND ${condition} ORDER BY table_name`).split("\n");
}

/** Checksum of every table that only this test changes, and of every uploaded file. */
function state() {
  const names = tablesWhere(`table_name NOT IN (${BUSY.map((name) => `'${name}'`).join(", ")})`);
  const tables = sql(WIKI, `CHECKSUM TABLE ${names.map((name) => `\`${name}\``).join(", ")}; SELECT SUM(units), COUNT(*) FROM accounts`);
  const files = docker("exec", WIKI.container("bookstack"), "sh", "-c", `cd ${UPLOADS} && find . -type f -exec sha256sum {} + | sort`);
  const secret = (service: string, name: string) =>
    docker(
      "run",
      "--rm",
      "--user=0:0",
      "--mount",
      `type=volume,source=${WIKI.name}-secrets-${service},target=/s,readonly`,
      "--entrypoint=cat",
      image(),
      `/s/${name}`,
    );
  return { tables, files, key: secret("backup", "app_key"), storageKey: secret("backup", "authelia_storage_key") };
}

/** A program that root runs without capabilities reads what root owns. */
function image(): string {
  return WIKI.summary().containers.find(({ name }) => name === backups.container)?.image ?? "";
}

function bringSecrets(): void {
  for (const [name, value] of Object.entries({
    backup_offsite_access_key: KEYS.access,
    backup_offsite_secret_key: KEYS.secret,
    backup_passphrase: PASSPHRASE,
    backup_restic_password: RESTIC,
  })) {
    succeeded(WIKI.commandWith(value, "secret", name));
  }
}

function write(): void {
  WIKI.write({ backup: BACKUP });
}

function deploy(): void {
  write();
  bringSecrets();
  WIKI.must("deploy");
}

/** Pictures, attachments, and rows between which units are moved. */
function fill(): void {
  docker(
    "exec",
    WIKI.container("bookstack"),
    "sh",
    "-c",
    `mkdir -p ${UPLOADS}/files && head -c 3000000 /dev/urandom > ${UPLOADS}/files/a.bin && echo é > "${UPLOADS}/files/a ü.txt"`,
  );
  sql(
    WIKI,
    `CREATE TABLE accounts (id INT AUTO_INCREMENT PRIMARY KEY, units INT NOT NULL, note TEXT, data BLOB);
     SET SESSION cte_max_recursion_depth = 10000;
     INSERT INTO accounts (units, note, data)
       WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
       SELECT 10, CONCAT('it''s "row" \\\\ ', i, '\\n); INSERT INTO \`accounts\` VALUES (1'), UNHEX(SHA2(i, 256)) FROM n;`,
  );
}

/** Begins a run with a GPG that takes so many seconds longer, so that there is a middle. */
function beginSlowly(seconds: number, script: string): void {
  backups.shell(`mkdir /scratch/slow && printf '#!/bin/sh\\nsleep ${seconds}\\nexec /usr/bin/gpg "$@"\\n' > /scratch/slow/gpg && chmod 700 /scratch/slow/gpg`);
  const path = backups.shell("echo /scratch/slow:$PATH");
  docker("exec", "--detach", "--env", `PATH=${path}`, backups.container, "sh", "-c", script);
}

function clean(): void {
  write();
  tried(["rm", "--force", `${WIKI.name}-restore`, `s3-${WIKI.name}`]);
  WIKI.clean();
  tried(["volume", "rm", "--force", `s3-${WIKI.name}-data`]);
}

beforeAll(async () => {
  clean();
  deploy();
  s3 = new S3Server(WIKI, image(), S3_ADDRESS, KEYS);
  s3.start();
  await until(() => tried(["exec", s3.name, "bash", "-c", "echo > /dev/tcp/127.0.0.1/9000"]).status === 0, 30, "the S3 server listens");
  fill();
});

afterAll(() => {
  s3?.stop();
  clean();
});

describe("a set", () => {
  let processes = "";

  beforeAll(async () => {
    // from within, because what runs for a moment only is not seen from outside
    const watch = "while [ ! -e /run/enough ]; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'; done | sort -u > /scratch/seen";
    docker("exec", "--detach", backups.container, "sh", "-c", watch);
    const { status, output } = await WIKI.commandInBackground("backup");
    backups.shell("touch /run/enough");
    await until(() => !docker("top", backups.container).includes("/run/enough"), 30, "the watcher has ended");
    processes = backups.shell("cat /scratch/seen; rm /scratch/seen /run/enough");
    expect([status, output]).toEqual([0, expect.stringMatching(/^backup: made \d{8}T\d{6}Z: \d+ bytes in \d+ s$/m)]);
    before = state();
  });

  test("is here and at the remote, and metrics say so", () => {
    const { sets, absent } = JSON.parse(WIKI.must("backups", "--json"));
    expect(absent).toEqual([]);
    expect(sets.map(({ place }: { place: string }) => place).sort()).toEqual(["local", "offsite"]);
    expect(sets[0].name).toBe(sets[1].name);
    expect(WIKI.must("backups")).toContain(sets[0].name);
    for (const metric of ["backup_last_attempt_success", 'backup_remote_success{remote="offsite"}', "backup_sets"])
      expect([metric, backups.metric(metric)]).toEqual([metric, 1]);
    expect(Date.now() / 1000 - (backups.metric("backup_last_success_timestamp_seconds") ?? 0)).toBeLessThan(600);
    expect(backups.leftovers()).toEqual([]);
  });

  test("holds the portal's database whole, the keys, and everything of the list", () => {
    expect(backups.script("open.sh", ["latest"]).status).toBe(0);
    const found = backups.shell("cd /scratch/open && find . -type f").split("\n");
    expect(found.sort()).toEqual([
      "./dump.sql.zst",
      "./manifest.json",
      ...["app_key", "authelia_storage_key", "wiki_admin_password"].map((name) => `./secrets/${name}`),
      ...["authelia", "crowdsec", "uploads-public", "uploads"].map((name) => `./volumes/${name}.tar.zst`),
    ]);
    const manifest = JSON.parse(backups.shell("cat /scratch/open/manifest.json"));
    expect(manifest).toMatchObject({ format: 1, environment: WIKI.name, versions: { mysql: expect.stringMatching(/^\d+\.\d+\.\d+/) } });
    expect(manifest.tables).toContainEqual({ table: "accounts", rows: ROWS });
    expect(backups.shell("zstd -dcq /scratch/open/volumes/authelia.tar.zst | tar -xO ./db.sqlite3 | head -c 15")).toBe("SQLite format 3");
  });

  test("is encrypted by AES256, with SHA512 iterated", () => {
    const packets = tried([
      "exec",
      backups.container,
      "sh",
      "-c",
      "gpg --homedir /tmp --list-packets /backups/*.gpg; gpgconf --homedir /tmp --kill all",
    ]).output;
    // cipher 9: AES256; s2k 3: iterated and salted; hash 10: SHA512
    expect(packets).toMatch(/symkey enc packet: version 4, cipher 9,.*s2k 3, hash 10/);
  });

  test("shows no secret: in no process, log, variable, label, nor in Terraform's state", () => {
    const values = [PASSPHRASE, RESTIC, KEYS.secret, before.key, before.storageKey];
    const places: Record<string, string> = {
      processes,
      logs: tried(["logs", backups.container]).output,
      inspect: docker("inspect", ...Object.keys(WIKI.containerIds())),
      environments: backups.shell("cat /proc/[0-9]*/environ | tr '\\0' '\\n'"),
      state: readFileSync(WIKI.stateFile(), "utf8"),
      plan: readFileSync(join(WIKI.stackDirectory(), "cdk.tf.json"), "utf8"),
      metrics: backups.shell("cat /metrics/backup.prom"),
    };
    expect(processes).toMatch(/mysqldump/);
    expect(processes).toMatch(/restic/);
    for (const [place, text] of Object.entries(places)) expect([place, values.filter((value) => text.includes(value))]).toEqual([place, []]);
    // what the search would find
    expect(`${processes}${PASSPHRASE}`).toContain(values[0]);
  });
});

test("five of five dumps that are made while units are moved sum to the same total", async () => {
  const client = WIKI.container("bookstack-db");
  const move = `i=0; while [ ! -e /tmp/enough ]; do i=$((i + 1)); echo "START TRANSACTION; UPDATE accounts SET units = units - 1 WHERE id = $((i * 7 % ${ROWS} + 1)); DO SLEEP(0.001); UPDATE accounts SET units = units + 1 WHERE id = $((i * 13 % ${ROWS} + 1)); COMMIT;"; done | mysql --defaults-file=/tmp/root.cnf bookstack`;
  docker("exec", "--detach", client, "sh", "-c", move);
  const sums = Array.from({ length: 5 }, () => {
    expect(backups.script("backup.sh").status).toBe(0);
    expect(backups.script("open.sh", ["latest"]).status).toBe(0);
    const rows = backups
      .shell("zstd -dcq /scratch/open/dump.sql.zst | sed -n 's/^INSERT INTO `accounts` VALUES (\\([0-9]*\\),\\(-*[0-9]*\\),.*/\\2/p'")
      .split("\n");
    return [rows.length, rows.reduce((sum, row) => sum + Number(row), 0), rows.some((row) => row !== "10")];
  });
  docker("exec", client, "touch", "/tmp/enough");
  await until(() => !docker("top", client).includes("/tmp/enough"), 60, "nothing is moved any more");
  expect(sums).toEqual(Array.from({ length: 5 }, () => [ROWS, ROWS * 10, true]));
  // three are kept, and seven runs were made: the newest
  expect(backups.names()).toHaveLength(BACKUP.keep);
  before = state();
  expect(backups.script("backup.sh").status).toBe(0);
});

describe("whatever goes wrong", () => {
  let sums: string;
  const nothingLost = () => expect([backups.sums(), backups.leftovers()]).toEqual([sums, []]);

  beforeEach(() => {
    sums = backups.sums();
  });

  test("a byte of a set: restore and drill say so, touch nothing, and a metric tells", () => {
    const [newest = ""] = backups.names().slice(-1);
    backups.flip(`/backups/${newest}.tar.gpg`);
    const { status, stderr } = WIKI.command("restore", newest, "--yes");
    expect([status, stderr]).toEqual([1, expect.stringMatching(/backup: the set \d{8}T\d{6}Z is damaged: /)]);
    expect(backups.script("drill.sh")).toMatchObject({ status: 1, output: expect.stringContaining(`the set ${newest} is damaged`) });
    expect(backups.metric("backup_drill_success")).toBe(0);
    expect(
      JSON.parse(WIKI.must("backups", "--json")).sets.find(({ name, place }: { name: string; place: string }) => name === newest && place === "local"),
    ).toMatchObject({ good: false });
    backups.flip(`/backups/${newest}.tar.gpg`);
    nothingLost();
    expect(state()).toEqual(before);
  });

  test("a byte of a pack at the remote: the check says so, and a metric tells", () => {
    const pack = s3.shell("ls -S /data/wiki/data/*/* | head -n 1");
    s3.shell(`cp ${pack} /data/kept; printf x | dd of=${pack} bs=1 seek=1000 conv=notrunc status=none`);
    expect(backups.script("check.sh", ["1/1"])).toMatchObject({ status: 1, output: expect.stringContaining("offsite is not whole") });
    expect(backups.metric('backup_remote_check_success{remote="offsite"}')).toBe(0);
    s3.shell(`cp /data/kept ${pack}; rm /data/kept`);
    expect(backups.script("check.sh", ["1/1"])).toMatchObject({ status: 0 });
    expect(backups.metric('backup_remote_check_success{remote="offsite"}')).toBe(1);
    nothingLost();
  });

  test("a wrong passphrase: restore and drill say so", () => {
    const other = `exec sh -c '. /etc/backup/lib.sh; take_lock 0; clean_up; make_room; echo wrong > /run/wrong; PASSPHRASE=/run/wrong; open_set "$(sets | tail -n 1)" "$SCRATCH/open"'`;
    const { status, output } = tried(["exec", backups.container, "sh", "-c", other]);
    expect([status, output]).toEqual([1, expect.stringMatching(/the passphrase is not that of the set/)]);
    backups.shell(". /etc/backup/lib.sh; take_lock 0; clean_up; rm -f /run/wrong");
    nothingLost();
  });

  test("a set that was cut short: restore says so, touches nothing, and the drill's metric tells", () => {
    backups.shell('f=$(ls /backups/*.tar.gpg | tail -n 1); cp "$f" /scratch/kept; truncate -s 1000000 "$f"');
    expect(WIKI.command("restore", "latest", "--yes")).toMatchObject({ status: 1, stderr: expect.stringMatching(/is damaged/) });
    expect(backups.script("drill.sh").status).toBe(1);
    expect(backups.metric("backup_drill_success")).toBe(0);
    backups.shell('f=$(ls /backups/*.tar.gpg | tail -n 1); cp /scratch/kept "$f"; rm /scratch/kept');
    nothingLost();
    expect(state()).toEqual(before);
  });

  test("a full disk: the run says so, the old sets stay whole, and a metric tells", () => {
    const { output } = backups.inSmallSpace("1m");
    expect(output).toMatch(/backup: the set cannot be written: .*; is the disk full\?/);
    expect(output).toMatch(/ended 1\n/);
    expect(output).toMatch(/\n\.lock\n20200101T000000Z\.tar\.gpg\nold\n/);
    expect(output).toMatch(/^backup_last_attempt_success 0$/m);
    nothingLost();
  });

  test("a run that is killed in the middle: the next one tidies up, and counts no half set", async () => {
    beginSlowly(8, "echo $$ > /run/killed; exec sh /etc/backup/backup.sh");
    await until(() => backups.leftovers().includes("set"), 30, "the run has begun");
    await until(() => backups.shell("ls /scratch/set").includes("manifest.json"), 30, "it is about to encrypt");
    backups.shell("kill -KILL $(cat /run/killed); rm -r /run/killed /scratch/slow");
    expect(backups.leftovers()).not.toEqual([]);
    expect(backups.sums()).toBe(sums);
    await until(() => backups.script("backup.sh").status === 0, 60, "what the killed run began has ended, and a new one succeeds");
    expect(backups.leftovers()).toEqual([]);
    expect(backups.names()).toHaveLength(BACKUP.keep);
  });

  test("two runs at once: the second says so and disturbs nothing", async () => {
    beginSlowly(15, "sh /etc/backup/backup.sh; echo $? > /run/ended");
    await until(() => backups.leftovers().includes("set"), 30, "the first has begun");
    expect(WIKI.command("backup")).toMatchObject({ status: 1, stderr: expect.stringContaining("another run of the backup is going on") });
    await until(() => backups.shell("cat /run/ended 2>/dev/null || true") !== "", 90, "the first has ended");
    expect(backups.shell("cat /run/ended; rm -rf /run/ended /scratch/slow")).toBe("0");
    expect(backups.metric("backup_last_attempt_success")).toBe(1);
  });

  test("a remote that does not answer: the set is here all the same, and a metric tells", () => {
    s3.stop();
    const { status, output } = backups.script("backup.sh", [], FAULTY);
    expect([status, output]).toEqual([
      1,
      expect.stringMatching(/made .*\n(.*\n)*backup: offsite did not take the set: .*\nbackup: the set is here, but not at: offsite\n$/),
    ]);
    expect([backups.metric("backup_last_attempt_success"), backups.metric('backup_remote_success{remote="offsite"}')]).toEqual([1, 0]);
    expect(backups.script("list.sh", [], FAULTY).output).toMatch(/^absent\toffsite\t/m);
    s3.start();
  });

  test("a run that fails removes none of the oldest", () => {
    const names = backups.names();
    docker("stop", WIKI.container("bookstack-db"));
    const { status, output } = backups.script("backup.sh");
    docker("start", WIKI.container("bookstack-db"));
    expect([status, output]).toEqual([1, expect.stringMatching(/the database cannot be dumped: /)]);
    expect([backups.names(), backups.metric("backup_last_attempt_success")]).toEqual([names, 0]);
    nothingLost();
  });
});

test("one set more than are kept removes exactly the oldest", async () => {
  await until(() => healthy(WIKI.container("bookstack-db")), 60, "the database is back");
  const [oldest, ...others] = backups.names();
  expect(backups.script("backup.sh", [], FAULTY).status).toBe(0);
  expect(backups.names().slice(0, -1)).toEqual(others);
  expect(backups.names()).not.toContain(oldest);
});

describe("the drill", () => {
  test("runs automatically, at its time", async () => {
    const asked = Date.now() / 1000;
    // the next minute but one: it comes once while this test waits
    const soon = new Date((asked + 90) * 1000);
    const crontab = `CRON_TZ=UTC\\n${soon.getUTCMinutes()} ${soon.getUTCHours()} * * * sh /etc/backup/drill.sh 60\\n`;
    docker(
      "exec",
      "--detach",
      backups.container,
      "sh",
      "-c",
      `printf '${crontab}' > /run/crontab; exec timeout 300 supercronic -passthrough-logs /run/crontab`,
    );
    await until(() => (backups.metric("backup_drill_last_success_timestamp_seconds") ?? 0) > asked, 240, "the scheduler has called the drill");
    expect(backups.metric("backup_drill_success")).toBe(1);
    expect(backups.shell("cat /etc/backup/crontab")).toMatch(/^CRON_TZ=UTC\n0 2 \* \* \* .*\n0 4 \* \* 0 sh \/etc\/backup\/drill\.sh/);
    expect(tried(["exec", backups.container, "supercronic", "-test", "/etc/backup/crontab"]).status).toBe(0);
  });

  test("leaves nothing behind: no file, no process", async () => {
    await until(() => !docker("top", backups.container).includes("drill.sh"), 60, "it has ended");
    expect(backups.leftovers()).toEqual([]);
    expect(docker("top", backups.container)).not.toMatch(/mysqld|gpg-agent/);
    expect(WIKI.must("backups")).toMatch(/restored for a test/);
  });
});

describe("a restore", () => {
  test("restores a lost database and lost files", () => {
    before = state();
    WIKI.must("backup");
    const pages = tablesWhere("table_name IN ('pages', 'entity_page_data')");
    expect(pages).toHaveLength(1);
    sql(WIKI, `SET FOREIGN_KEY_CHECKS = 0; DROP TABLE accounts, users, ${pages}; CREATE TABLE later (id INT)`);
    docker("exec", WIKI.container("bookstack"), "sh", "-c", `rm -rf ${UPLOADS}/files && echo later > ${UPLOADS}/later`);
    const volumes = new VolumeWatch();
    expect(WIKI.must("restore", "latest", "--yes")).toMatch(/is restored from \d{8}T\d{6}Z\. It took \d+ s/);
    // the image of the backup declares a volume
    expect(volumes.unnamedOf(WIKI.container("restore"))).toEqual({ mounted: [expect.any(String)], left: [] });
    volumes.end();
    expect(state()).toEqual(before);
    expect(sql(WIKI, "SHOW TABLES LIKE 'later'; SHOW DATABASES LIKE 'bookstack_%'; SELECT user FROM mysql.user WHERE user = 'restore'")).toBe("");
    expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(0);
  });

  test("puts back what was there when it fails on the way", () => {
    sql(WIKI, "UPDATE accounts SET note = 'newer' WHERE id = 1");
    docker("exec", WIKI.container("bookstack"), "sh", "-c", `echo newer > ${UPLOADS}/newer`);
    const newer = state();
    // the last service cannot start: everything has changed its place by then
    docker("rename", WIKI.container("bookstack-setup"), `${WIKI.name}-aside`);
    docker("run", "--detach", "--name", WIKI.container("bookstack-setup"), "--entrypoint=false", image());
    const { status, stderr } = WIKI.command("restore", "latest", "--yes");
    docker("rm", "--force", WIKI.container("bookstack-setup"));
    docker("rename", `${WIKI.name}-aside`, WIKI.container("bookstack-setup"));
    expect([status, stderr]).toEqual([1, expect.stringMatching(/nothing was restored: .*\n {2}→ the previous data are back, and the wiki runs\n$/s)]);
    expect(state()).toEqual(newer);
    expect(healthy(WIKI.container("bookstack"))).toBe(true);
    sql(WIKI, "UPDATE accounts SET note = (SELECT note FROM (SELECT note FROM accounts WHERE id = 2) AS other) WHERE id = 1");
  });

  test("asks first: nothing happens without an answer", () => {
    expect(WIKI.command("restore", "latest")).toMatchObject({ status: 1, stderr: expect.stringMatching(/^nothing was restored\n {2}→ npm run restore/) });
  });

  test("restores everything on an empty engine, from the remote and from a file", () => {
    before = state();
    WIKI.must("backup");
    const [set = ""] = backups.names().slice(-1);
    const place = mkdtempSync(join(tmpdir(), "sets-"));
    docker("cp", `${backups.container}:/backups/${set}.tar.gpg`, place);
    // everything of the environment goes, the S3 server's volume stays
    s3.stop();
    WIKI.clean();
    deploy();
    s3.start();
    expect(backups.names()).toEqual([]);
    expect(WIKI.must("restore", "latest", "--from", "offsite", "--yes")).toContain(`is restored from ${set}`);
    expect(state()).toEqual(before);
    sql(WIKI, "DROP TABLE accounts");
    expect(WIKI.must("restore", join(place, `${set}.tar.gpg`), "--yes")).toContain(`is restored from ${set}`);
    expect(state()).toEqual(before);
    rmSync(place, { recursive: true });
    expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(0);
  });
});
