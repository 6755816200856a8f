import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docker, succeeded, until } from "./deployment";
import { imageOf } from "./images";

const PACKAGES = ["mariadb-server", "mariadb-server-core", "mariadb-client", "mariadb-client-core", "liburing2", "libaio1"];
const NAME = "bookstack";
const MIGRATIONS = "/var/www/bookstack/database/migrations";

/** Debian's MariaDB, unpacked in a directory, which listens at a socket only. */
export class MariaDb {
  private readonly directory = mkdtempSync(join(tmpdir(), "mariadb-"));
  private server: ChildProcess | undefined;

  /** Starts it with an empty database. */
  public async start(): Promise<void> {
    chmodSync(this.directory, 0o755);
    for (const name of ["root", "data", "run"]) mkdirSync(this.path(name));
    succeeded(spawnSync("apt-get", ["download", ...PACKAGES], { cwd: this.directory, encoding: "utf8" }));
    for (const name of readdirSync(this.directory).filter((file) => file.endsWith(".deb"))) {
      succeeded(spawnSync("dpkg", ["-x", this.path(name), this.path("root")], { encoding: "utf8" }));
    }
    const share = this.path("root/usr/share/mysql");
    const args = ["--no-defaults", "--user=root", "--skip-networking", "--skip-grant-tables", `--datadir=${this.path("data")}`, `--lc-messages-dir=${share}`];
    this.server = spawn(this.path("root/usr/sbin/mariadbd"), [...args, `--socket=${this.path("run/s.sock")}`], { env: this.environment, stdio: "ignore" });
    await until(() => this.client("mariadb", "-e", `CREATE DATABASE IF NOT EXISTS ${NAME} COLLATE utf8mb4_unicode_ci`).status === 0, 30, "MariaDB answers");
  }

  /** Runs those migrations of BookStack whose names come before `before`, by BookStack's own command. */
  public migrate(before: string): void {
    const container = docker("create", imageOf("bookstack"));
    docker("cp", `${container}:${MIGRATIONS}`, this.path("migrations"));
    docker("rm", "--volumes", container);
    for (const file of readdirSync(this.path("migrations"))) if (file >= before) rmSync(join(this.path("migrations"), file));
    const variables = { DB_SOCKET: "/run/maria/s.sock", DB_DATABASE: NAME, DB_USERNAME: "root", DB_PASSWORD: "none", DB_HOST: "localhost" };
    const env = Object.entries({ ...variables, APP_KEY: "base64:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" }).map(
      ([name, value]) => `--env=${name}=${value}`,
    );
    const mounts = [`--volume=${this.path("migrations")}:${MIGRATIONS}:ro`, `--volume=${this.path("run")}:/run/maria`];
    const php = ["--entrypoint=php", imageOf("bookstack"), "/var/www/bookstack/artisan", "migrate", "--force"];
    docker("run", "--rm", "--user=0", "--network=none", ...mounts, ...env, ...php);
  }

  public query(sql: string): string {
    return succeeded(this.client("mariadb", "-NB", NAME, "-e", sql)).trim();
  }

  /** Writes a dump; through `compressor`, if there is one. */
  public dump(file: string, compressor?: string): void {
    const output = openSync(file, "w");
    const { status } = spawnSync(this.path("root/usr/bin/mariadb-dump"), ["--no-defaults", `--socket=${this.path("run/s.sock")}`, NAME], {
      env: this.environment,
      stdio: ["ignore", output, "inherit"],
    });
    closeSync(output);
    if (status !== 0) throw new Error(`mariadb-dump ended with ${status}`);
    if (compressor !== undefined) succeeded(spawnSync(compressor, ["-f", "-k", file], { encoding: "utf8" }));
  }

  public stop(): void {
    this.server?.kill("SIGKILL");
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }

  private client(program: string, ...args: readonly string[]) {
    const all = ["--no-defaults", "--default-character-set=utf8mb4", `--socket=${this.path("run/s.sock")}`, ...args];
    return spawnSync(this.path(`root/usr/bin/${program}`), all, { env: this.environment, encoding: "utf8" });
  }

  private get environment(): NodeJS.ProcessEnv {
    const root = this.path("root");
    return { ...process.env, LD_LIBRARY_PATH: `${root}/usr/lib/x86_64-linux-gnu:${root}/lib/x86_64-linux-gnu` };
  }

  private path(name: string): string {
    return join(this.directory, name);
  }
}

export const firstLine = (file: string): string => readFileSync(file, "utf8").split("\n")[0] ?? "";
