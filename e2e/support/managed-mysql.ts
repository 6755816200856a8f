import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { docker, until } from "./deployment";
import { imageOf } from "./images";

/** What the administrator of a managed server may do: not everything, and no file of the server. */
const ADMIN_PRIVILEGES =
  "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES, CREATE TEMPORARY TABLES, LOCK TABLES, " +
  "REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER";
const SETTINGS = ["--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--require-secure-transport=ON", "--skip-name-resolve", "--mysqlx=OFF"];
const MEMORY = ["--performance-schema=ON", "--innodb-buffer-pool-size=64M"];
const TLS = ["--ssl-ca=/tmp/ca.pem", "--ssl-cert=/tmp/certificate.pem", "--ssl-key=/tmp/key.pem"];

/** A MySQL server on a machine of its own, with TLS of its own authority, as a provider offers it. */
export class ManagedMySql {
  /** Certificate of the authority, as PEM. */
  public readonly ca: string;
  private readonly directory = mkdtempSync(join(tmpdir(), "managed-mysql-"));

  constructor(
    public readonly name: string,
    private readonly host: string,
    private readonly password: string,
  ) {
    const words = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "30"];
    this.openssl("req", "-new", "-x509", ...words, "-subj", "/CN=Provider");
    this.ca = readFileSync(join(this.directory, "ca.pem"), "utf8");
    this.certify(host);
  }

  /** Gives it a certificate for `host` at its next start. */
  public certify(host: string): void {
    const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    this.openssl("req", "-new", ...ec, "-keyout", "key.pem", "-out", "request.pem", "-subj", `/CN=${host}`);
    writeFileSync(join(this.directory, "extensions"), `subjectAltName=DNS:${host}\n`);
    const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "extensions", "-out", "certificate.pem"];
    this.openssl("x509", "-req", "-in", "request.pem", "-days", "30", ...signed);
    for (const file of ["ca.pem", "certificate.pem", "key.pem"]) chmodSync(join(this.directory, file), 0o644);
  }

  /** Starts it without a network; it listens at `port`. */
  public start(port: number): void {
    this.stop();
    const quoted = this.password.replace(/['\\]/g, "\\$&");
    const sql = `CREATE USER IF NOT EXISTS 'admin'@'%' IDENTIFIED BY '${quoted}'; GRANT ${ADMIN_PRIVILEGES} ON *.* TO 'admin'@'%' WITH GRANT OPTION;`;
    writeFileSync(join(this.directory, "init.sql"), sql.replaceAll("; ", ";\n"), { mode: 0o644 });
    const words = [...SETTINGS, ...MEMORY, ...TLS, `--port=${port}`, "--datadir=/data/files", "--socket=/tmp/mysqld.sock", "--pid-file=/tmp/pid"];
    const script = `cd /tmp && { [ -d /data/files ] || mysqld --no-defaults --initialize-insecure --datadir=/data/files; } && exec mysqld --no-defaults ${words.join(" ")} --init-file=/tmp/init.sql`;
    const volume = `--mount=type=volume,source=${this.volume},target=/data`;
    docker("run", "--rm", "--user=0:0", volume, "--entrypoint=chown", imageOf("mysql"), "999:999", "/data");
    docker("create", "--name", this.name, "--init", "--user=999:999", "--memory=1g", volume, "--entrypoint=sh", imageOf("mysql"), "-c", script);
    for (const file of ["ca.pem", "certificate.pem", "key.pem", "init.sql"]) docker("cp", join(this.directory, file), `${this.name}:/tmp/${file}`);
    docker("start", this.name);
  }

  /** Lets containers of `network` find it by its name; waits until the network is there. */
  public async join(network: string, seconds = 300): Promise<void> {
    await until(
      () => spawnSync("docker", ["network", "connect", "--alias", this.host, network, this.name], { stdio: "ignore" }).status === 0,
      seconds,
      `${network} is there`,
    );
  }

  /** What root gets for `sql`, by the socket. */
  public rows(sql: string): string {
    return docker("exec", this.name, "mysql", "--no-defaults", "--socket=/tmp/mysqld.sock", "--user=root", "-NB", "-e", sql);
  }

  public async answers(): Promise<void> {
    const words = ["exec", this.name, "mysql", "--no-defaults", "--socket=/tmp/mysqld.sock", "--user=root", "-NB", "-e", "SELECT user FROM mysql.user"];
    await until(() => spawnSync("docker", words, { encoding: "utf8" }).stdout.split("\n").includes("admin"), 90, "the server answers");
  }

  public stop(): void {
    spawnSync("docker", ["rm", "--force", "--volumes", this.name], { stdio: "ignore" });
  }

  public remove(): void {
    this.stop();
    spawnSync("docker", ["volume", "rm", "--force", this.volume], { stdio: "ignore" });
    rmSync(this.directory, { recursive: true, force: true });
  }

  private get volume(): string {
    return `${this.name}-data`;
  }

  private openssl(...args: readonly string[]): void {
    const { status, stderr } = spawnSync("openssl", args, { cwd: this.directory, encoding: "utf8" });
    if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
  }
}
