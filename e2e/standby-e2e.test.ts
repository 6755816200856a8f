import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Deployment, docker, killGroup, succeeded, until } from "./support/deployment";
import { imagesHere } from "./support/images";
import { LEFT_OUT } from "./support/needs";
import { missingForSecondEngine, SecondEngine } from "./support/second-engine";

const FIRST = new Deployment({ name: "sby", http: 18_155, https: 18_555, subnets: 250 });
/** The second host of the same file; here it is this machine. */
const SECOND = new Deployment({ name: "sby-standby", http: 18_155, https: 18_555, subnets: 250 });
const IMAGES = ["mysql", "bookstack", "authelia", "traefik", "crowdsec", "backup", "link"] as const;
/** Milliseconds between two writes. */
const EVERY = 200;
const UPLOAD = "/var/www/bookstack/storage/uploads/files/standby.txt";
const ROOT_SQL = `printf '[client]\\nuser=root\\npassword=%s\\n' "$(cat /run/secrets/mysql_root_password)" >/tmp/root.cnf; exec mysql --defaults-file=/tmp/root.cnf --socket=/run/mysqld/mysqld.sock -NB`;

const PAGE = ["-sk", "-m", "5", "-o", "/dev/null", "-w", "%{http_code}", "--resolve", "bookstack.wiki.localhost:18555:127.0.0.1", "https://bookstack.wiki.localhost:18555/login"]; // biome-ignore format: one thought

const missing = LEFT_OUT ?? missingForSecondEngine();
if (missing !== undefined) process.stderr.write(`skipped: a standby on a second host, ${missing}\n`);

(missing === undefined ? describe : describe.skip)("a standby on a second host", () => {
  const engine = new SecondEngine("standby", 239);
  /** Number of each write that was acknowledged → when. */
  const acknowledged = new Map<number, number>();
  let writer: ChildProcess;

  const onSecond = (sql: string) => succeeded(spawnSync("docker", ["exec", "--interactive", SECOND.container("bookstack-db"), "sh", "-c", ROOT_SQL], { input: sql, encoding: "utf8" })).trim(); // biome-ignore format: one thought
  /** Whether a reader gets the wiki's own form, from the host that serves now. */
  const isServed = () => /^(200|302)$/.test(spawnSync("curl", PAGE, { encoding: "utf8" }).stdout);
  const onFirst = (...args: readonly string[]) => succeeded(engine.docker(...args)).trim();

  beforeAll(async () => {
    const { overrides } = imagesHere();
    await engine.start(IMAGES.map((name) => overrides[name] ?? ""));
    FIRST.variables = engine.agentVariables();
    SECOND.variables = engine.agentVariables();
    FIRST.clean();
    const { hostKey } = engine;
    FIRST.write({ docker: { host: engine.ssh, hostKey }, standby: { docker: { host: await engine.serveFirst(), hostKey } } });
    FIRST.must("deploy");
  });

  afterAll(async () => {
    writer?.kill();
    if (process.env.E2E_KEEP !== undefined) return;
    SECOND.clean();
    await engine.stop();
    for (const ending of ["", ".backup", ".applied", ".failover"]) rmSync(`${FIRST.stateFile()}${ending}`, { force: true });
    rmSync(join(__dirname, ".work", "sby-standby.yaml"), { force: true });
  });

  test("is set up: secrets, a key that may forward to two addresses only, a replica", () => {
    const output = FIRST.must("standby");
    const [line = ""] = /^restrict,port-forwarding,.*$/m.exec(output) ?? [];
    expect(line).toMatch(/permitopen="10\.250\.3\.10:3306",permitopen="10\.250\.3\.12:8090" ssh-ed25519 /);
    appendFileSync(engine.authorizedKeysFile, `${line}\n`);
    SECOND.must("deploy");
    expect(FIRST.must("standby")).toMatch(/follows sby: yes; behind: \d\.\d s/);
    expect(SECOND.command("plan", "--detailed-exitcode").status).toBe(0);
  });

  test("has the uploads within a minute", async () => {
    onFirst("exec", "sby-bookstack", "sh", "-c", `mkdir -p $(dirname ${UPLOAD}) && echo kept > ${UPLOAD}`);
    const there = () =>
      spawnSync("docker", ["exec", SECOND.container("standby-sync"), "cat", "/targets/uploads/files/standby.txt"], { encoding: "utf8" }).stdout === "kept\n";
    await until(there, 60, "the upload is on the standby");
  });

  test("refuses writes", () => {
    expect(() => onSecond("CREATE TABLE bookstack.other (id INT)")).toThrow(/super-read-only/);
  });

  test("is watched: the first host knows how far it is behind", async () => {
    const reported = () =>
      onFirst("exec", "sby-bookstack-db", "sh", "/etc/bookstack-db/replication.sh", "followers")
        .split("\n")
        .map((line) => line.split("\t").map(Number));
    await until(() => [2, 102].every((row) => reported().some(([server]) => server === row)), 60, "the standby reports");
    const seconds = Object.fromEntries(reported());
    process.stderr.write(`behind: database ${seconds[2]} s, files ${seconds[102]} s\n`);
    expect(seconds[2]).toBeLessThanOrEqual(15);
    expect(seconds[102]).toBeLessThanOrEqual(60);
    expect(JSON.parse(FIRST.command("verify", "--only", "standby-lag", "--json").stdout).checks).toMatchObject([{ name: "standby-lag", result: "ok" }]);
  });

  test("takes over when the first host is lost: at most 5 s of acknowledged writes are gone, and the number was right", async () => {
    onFirst("exec", "sby-bookstack-db", "sh", "-c", `${ROOT_SQL} -e 'CREATE TABLE bookstack.acknowledged (id INT PRIMARY KEY, at DATETIME(6) NOT NULL)'`);
    const loop = `n=0; while :; do n=$((n + 1)); echo "INSERT INTO bookstack.acknowledged VALUES ($n, UTC_TIMESTAMP(6)); SELECT $n;"; sleep ${EVERY / 1000}; done | (${ROOT_SQL} --unbuffered)`;
    writer = spawn("docker", ["--host", `unix://${engine.socket}`, "exec", "sby-bookstack-db", "sh", "-c", loop], { stdio: ["ignore", "pipe", "ignore"] });
    writer.stdout?.on("data", (lines) => {
      for (const line of String(lines).trim().split("\n")) acknowledged.set(Number(line), Date.now());
    });
    await until(() => acknowledged.size > 50, 60, "writes are acknowledged");
    engine.cutPower();
    // what was acknowledged before is read now
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const last = Math.max(...acknowledged.keys());
    const began = Date.now();
    const command = FIRST.commandInBackground("failover", "--yes");
    let served: number | undefined;
    await until(() => isServed() || Date.now() - began > 300_000, 310, "readers are served").then(() => (served = Date.now()));
    const { status, output } = await command;
    expect(output).toContain("sby-standby serves the wiki");
    expect(status).toBe(0);

    const kept = Number(onSecond("SELECT MAX(id) FROM bookstack.acknowledged"));
    const rows = Number(onSecond("SELECT COUNT(*) FROM bookstack.acknowledged"));
    const [, complete = "", age = ""] = /has everything up to (\S+Z), (\S+) s ago/.exec(output) ?? [];
    const promised = Math.max(...[...acknowledged].filter(([, at]) => at < Date.parse(complete)).map(([id]) => id));
    const lost = ((acknowledged.get(last) ?? 0) - (acknowledged.get(kept) ?? 0)) / 1000;
    const figures = [
      `acknowledged: write ${last}; on the standby: up to write ${kept}, so ${Math.max(lost, 0)} s of writes are lost`,
      `printed beforehand: everything up to ${complete} (${age} s before), which is write ${promised}`,
      `readers are served ${((served ?? 0) - began) / 1000} s after the command began, which took ${(Date.now() - began) / 1000} s`,
    ];
    process.stderr.write(`${figures.join("\n")}\n`);
    expect(lost).toBeLessThanOrEqual(5);
    expect(kept).toBeGreaterThanOrEqual(promised);
    // none is missing among those that were kept
    expect(rows).toBe(kept);
    expect((served ?? Infinity) - began).toBeLessThan(300_000);
  });

  test("serves readers, with their uploads, and writes", () => {
    expect(docker("exec", SECOND.container("bookstack"), "cat", UPLOAD)).toBe("kept");
    expect(isServed()).toBe(true);
    onSecond("INSERT INTO bookstack.acknowledged VALUES (0, UTC_TIMESTAMP(6))");
  });

  test("is the only one that a deploy makes a writer, and the first host is refused as if it still were one", () => {
    expect(JSON.parse(readFileSync(`${FIRST.stateFile()}.failover`, "utf8"))).toMatchObject({ active: "sby-standby", step: "done" });
    expect(FIRST.summary().containers.map(({ name }) => name)).not.toContain("sby-bookstack");
    expect(FIRST.command("verify").stderr).toContain("sby follows sby-standby, and has no wiki of its own");
    expect(FIRST.command("standby").stderr).toContain("npm run failover -- sby --back");
  });

  test("is followed by the first host when that is back: rebuilt, no second writer, nothing behind, with its backups", async () => {
    const backups = "sby-backups";
    await engine.restorePower();
    await until(() => onFirst("ps", "--format", "{{.Names}}").includes("sby-traefik"), 60, "the first host starts what it had");
    const sql = (text: string) => engine.docker("exec", "sby-bookstack-db", "sh", "-c", `${ROOT_SQL} -e '${text}'`);
    const back = Date.now();
    await until(() => sql("SELECT @@global.super_read_only").stdout.trim() === "1", 90, "the database of the first host refuses writes");
    process.stderr.write(`the first host refuses writes ${(Date.now() - back) / 1000} s after its services were started\n`);
    const asked = FIRST.command("failover", "--back", "--yes");
    const [line = ""] = /^restrict,port-forwarding,.*$/m.exec(asked.stdout) ?? [];
    expect(`${line}${asked.stderr}`).toMatch(/permitopen="10\.250\.3\.10:3306"/);
    expect(onFirst("ps", "--quiet")).toBe("");
    appendFileSync(engine.authorizedKeysFile, `${line}\n`);
    const began = Date.now();
    expect(FIRST.must("failover", "--back", "--yes")).toMatch(/sby follows sby-standby: yes; behind: \d\.\d s/);
    process.stderr.write(`the first host is rebuilt after ${(Date.now() - began) / 1000} s\n`);
    const running = onFirst("ps", "--format", "{{.Names}}").split("\n").sort();
    expect(running).toEqual(["sby-bookstack-db", "sby-standby-link", "sby-standby-sync"]);
    expect(onFirst("volume", "ls", "--quiet").split("\n")).toContain(backups);
    expect(sql("CREATE TABLE bookstack.other (id INT)").stderr).toContain("super-read-only");
    onSecond("INSERT INTO bookstack.acknowledged VALUES (-1, UTC_TIMESTAMP(6))");
    await until(() => sql("SELECT id FROM bookstack.acknowledged WHERE id = -1").stdout.trim() === "-1", 10, "the first host has what the second one wrote");
    expect(FIRST.command("plan", "--detailed-exitcode").status).toBe(0);
  });

  test("a failover that was killed while it stopped the host is cancelled: the host serves again", async () => {
    const step = () => JSON.parse(readFileSync(`${FIRST.stateFile()}.failover`, "utf8")).step;
    const command = FIRST.start("failover", "--yes");
    await until(() => step() === "fencing", 120, "the failover begins");
    await until(() => docker("ps", "--quiet", "--filter", `name=^${SECOND.container("traefik")}$`) === "", 60, "the edge is stopped");
    await killGroup(command);
    expect(FIRST.command("deploy").stderr).toContain("a failover of sby to sby was interrupted while it was fencing");
    FIRST.must("failover", "--cancel");
    await until(isServed, 120, "the second host serves again");
    onSecond("INSERT INTO bookstack.acknowledged VALUES (-3, UTC_TIMESTAMP(6))");
  });

  test("moves to the first host again when it is asked to: every write, and the file of the last second, arrive", () => {
    const upload = UPLOAD.replace("standby.txt", "last.txt");
    docker("exec", SECOND.container("bookstack"), "sh", "-c", `echo last > ${upload}`);
    onSecond("INSERT INTO bookstack.acknowledged VALUES (-2, UTC_TIMESTAMP(6))");
    const began = Date.now();
    expect(FIRST.must("failover", "--yes")).toContain("sby-standby answers: it is stopped first, and nothing is lost.");
    process.stderr.write(`a planned failover took ${(Date.now() - began) / 1000} s\n`);
    expect(onFirst("exec", "sby-bookstack", "cat", upload)).toBe("last");
    expect(onFirst("exec", "sby-bookstack-db", "sh", "-c", `${ROOT_SQL} -e 'SELECT MIN(id) FROM bookstack.acknowledged'`)).toBe("-3");
    expect(() => onSecond("CREATE TABLE bookstack.other (id INT)")).toThrow(/super-read-only/);
    expect(docker("ps", "--quiet", "--filter", `name=^${SECOND.container("traefik")}$`)).toBe("");
  });
});
