import { execFile, spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { Backups, S3Server, sql, tried } from "../support/backup";
import { runSync, within } from "../support/bounded";
import { docker, succeeded, until } from "../support/deployment";
import { imageOf } from "../support/images";
import { BY_HAND, backupPart, type Night, UNPACKED, type Work } from "./backup-report";
import { Edge } from "./edge";
import { memoryOf, stats } from "./engine-stats";
import { flag } from "./flags";
import { Reader, type Seen } from "./reader";
import { imagesOf, writePart } from "./report";

const EDGE = new Edge("bnb", 18_171, 250);
const WIKI = EDGE.wiki;
const BACKUPS = new Backups(WIKI);
/** Size of the uploads. */
const MEGABYTES = flag("mb", 1000);
const ROWS = flag("rows", 100_000);
const ROWS_AT_ONCE = 4000;
const ROUNDS = flag("rounds", 2);
/** Backups to a remote. */
const NIGHTS = flag("nights", 0);
/** Megabytes of the uploads that change before each. */
const CHANGED = Math.min(MEGABYTES, flag("changed", Math.max(1, Math.round(MEGABYTES / 100))));
/** Longest that one command may take. */
const WORK_SECONDS = 1800;
/** Seconds for which a reader is watched without a backup. */
const QUIET = flag("quiet", 20);
const KEYS = { access: "bench-access-key", secret: "bench-secret-key-of-this-run" };
const S3_ADDRESS = "10.250.1.40";
const BACKUP = { keep: 3, remotes: [{ name: "offsite", kind: "s3", endpoint: `http://${S3_ADDRESS}:9000`, bucket: "wiki" }] };
const PAGE = "/books/book-of-pages/page/page-1";
const UPLOADS = "/var/www/bookstack/storage/uploads/files";

const works: Work[] = [];
const seen: Seen[] = [];
const nights: Night[] = [];
let images: Readonly<Record<string, string>> = {};
let reader: Reader;

/** What is packed by hand: the dump is there already. */
const PACK = `set -eu
. /etc/backup/lib.sh
make_room
pack() { as "$2" tar --create --numeric-owner --directory "$SOURCES/$1" .; }
{ each_source pack; tar --create --directory "$SCRATCH/bench" dump.sql; } | zstd -q | encrypt "$SCRATCH/bench/by-hand.gpg"`;
const DUMP = `set -eu
. /etc/backup/lib.sh
make_room
mkdir -p "$SCRATCH/bench"
client_file "$RUN/client.cnf" "$DB_USER" "$SECRETS/mysql_\${DB_USER}_password"
dump "$RUN/client.cnf" "$DB_NAME" >"$SCRATCH/bench/dump.sql"`;
const UNPACK = `set -eu
. /etc/backup/lib.sh
make_room
mkdir "$SCRATCH/bench/out"
decrypt "$SCRATCH/bench/by-hand.gpg" | zstd -dcq | tar --extract --ignore-zeros --no-same-owner --directory "$SCRATCH/bench/out"`;

beforeAll(async () => {
  clean();
  const side = await EDGE.start();
  images = imagesOf(WIKI);
  fill("first", MEGABYTES);
  fillRows();
  reader = new Reader(side, PAGE);
  reader.start();
});

afterAll(async () => {
  await reader?.stop();
  const about = { images, engine: docker("version", "--format", "{{.Server.Version}}"), megabytes: MEGABYTES, rows: ROWS, changed: CHANGED };
  if (works.length > 0) await writePart(backupPart({ works, seen, nights }, about));
  clean();
});

function clean(): void {
  tried(["rm", "--force", `${WIKI.name}-restore`, `s3-${WIKI.name}`]);
  EDGE.clean();
  tried(["volume", "rm", "--force", `s3-${WIKI.name}-data`]);
}

/** Files of a megabyte that cannot be compressed, as pictures cannot. */
function fill(name: string, megabytes: number): void {
  const script = `mkdir -p ${UPLOADS} && i=0 && while [ $i -lt ${megabytes} ]; do head -c 1000000 /dev/urandom >${UPLOADS}/${name}-$i.bin; i=$((i + 1)); done`;
  docker("exec", WIKI.container("bookstack"), "sh", "-c", script);
}

/** Rows of about 400 bytes; a few thousand at a time, because MySQL keeps a transaction in its small space for temporary files. */
function fillRows(): void {
  const parts = Array.from({ length: Math.ceil(ROWS / ROWS_AT_ONCE) }, (_, part) => [part * ROWS_AT_ONCE + 1, Math.min(ROWS, (part + 1) * ROWS_AT_ONCE)]);
  const inserts = parts.map(
    ([from, to]) => `INSERT INTO bench_rows (note) WITH RECURSIVE n (i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to})
      SELECT CONCAT(i, ' ', REPEAT(SHA2(i, 256), 6)) FROM n;`,
  );
  sql(WIKI, `CREATE TABLE bench_rows (id INT AUTO_INCREMENT PRIMARY KEY, note TEXT NOT NULL);SET SESSION cte_max_recursion_depth = 100000;${inserts.join("")}`);
}

/** Bytes of the scratch volume; does not hold up the reader meanwhile. */
function scratchOf(container: string): Promise<number> {
  const args = ["exec", container, "du", "-s", "--block-size=1", "/scratch"];
  return new Promise((resolve) => execFile("docker", args, { timeout: 30_000 }, (_, output) => resolve(Number.parseInt(output, 10) || 0)));
}

/** Runs a command to its end, and looks at the backup's container meanwhile. */
async function work(what: string, argv: readonly string[]): Promise<Work> {
  const began = Date.now();
  const [program = "", ...args] = argv;
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  let ended = false;
  let seconds = 0;
  const end = new Promise<number>((resolve) =>
    child.on("close", (code) => {
      seconds = (Date.now() - began) / 1000;
      ended = true;
      resolve(code ?? 1);
    }),
  );
  let [memory, scratch] = [0, 0];
  while (!ended) {
    for (const container of [BACKUPS.container, `${WIKI.name}-restore`]) {
      memory = Math.max(
        memory,
        await within(10, `the statistics of ${container}`, stats(container))
          .then(memoryOf)
          .catch(() => 0),
      );
      scratch = Math.max(scratch, await scratchOf(container));
    }
    await Promise.race([end, pause(1000)]);
    if (Date.now() - began > WORK_SECONDS * 1000) child.kill("SIGKILL");
  }
  if ((await end) !== 0) throw new Error(`${what}, ended after ${seconds} s of at most ${WORK_SECONDS} s: ${output}`);
  const one = { what, seconds, memory, scratch, down: Number(/the wiki was down for (\d+) s/.exec(output)?.[1] ?? Number.NaN) };
  process.stderr.write(`${JSON.stringify(one)}\n`);
  works.push(one);
  return one;
}

const inside = (script: string) => ["docker", "exec", BACKUPS.container, "sh", "-c", script];

test("a backup, beside the same data packed and encrypted by hand", async () => {
  await pause(3000);
  reader.take("");
  await pause(QUIET * 1000);
  seen.push(reader.take("before"));
  for (let round = 0; round < ROUNDS; round++) {
    const byHand = async () => {
      await work("dump", inside(DUMP));
      reader.take("");
      await work(BY_HAND, inside(PACK));
      seen.push(reader.take(BY_HAND));
      const last = round === ROUNDS - 1;
      if (last) await work(UNPACKED, inside(UNPACK));
      BACKUPS.shell(last ? "rm -rf /scratch/bench" : "rm -f /scratch/bench/by-hand.gpg");
    };
    const backup = async () => {
      reader.take("");
      await work("backup", ["docker", "exec", BACKUPS.container, "sh", "/etc/backup/backup.sh"]);
      seen.push(reader.take("backup"));
    };
    // the order changes with each round, but what is unpacked at last is the last that was packed
    for (const turn of round % 2 === 0 ? [backup, byHand] : [byHand, backup]) await turn();
  }
});

test("a restore", async () => {
  reader.take("");
  await work("restore", WIKI.line("restore", "latest", "--yes"));
  seen.push(reader.take("restore"));
  const left = Number(docker("exec", WIKI.container("bookstack"), "sh", "-c", `ls ${UPLOADS} | wc -l`));
  expect([left, Number(sql(WIKI, "SELECT COUNT(*) FROM bench_rows"))]).toEqual([MEGABYTES, ROWS]);
});

(NIGHTS > 0 ? test : test.skip)("what a remote needs for one backup each night", async () => {
  EDGE.write({ backup: BACKUP });
  for (const [name, value] of [["backup_offsite_access_key", KEYS.access], ["backup_offsite_secret_key", KEYS.secret]] as const) succeeded(WIKI.commandWith(value, "secret", name)); // biome-ignore format: one thought
  WIKI.must("deploy");
  const s3 = new S3Server(WIKI, imageOf("backup"), S3_ADDRESS, KEYS);
  s3.start();
  try {
    await until(
      () => runSync("docker", ["exec", s3.name, "bash", "-c", "echo > /dev/tcp/127.0.0.1/9000"], { seconds: 20 }).status === 0,
      30,
      "the S3 server listens",
    );
    for (let night = 1; night <= NIGHTS; night++) {
      if (night > 1) {
        fill("first", CHANGED);
        sql(WIKI, `UPDATE bench_rows SET note = CONCAT(note, ' ${night}') WHERE id % 100 = ${night}`);
      }
      const { seconds } = await work("backup with a remote", ["docker", "exec", BACKUPS.container, "sh", "/etc/backup/backup.sh"]);
      const set = Number(BACKUPS.shell("stat -c %s $(ls -t /backups/*.tar.gpg | head -n 1)"));
      nights.push({ night, seconds, set, remote: Number(s3.shell("du -s --block-size=1 /data | cut -f 1")) });
    }
  } finally {
    s3.remove();
  }
});
