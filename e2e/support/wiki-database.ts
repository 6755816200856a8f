import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Block, read, testApp } from "../../__tests__/support/plan";
import { SCRATCH_DIRECTORY } from "../../constructs/wiki/bookstack-config";
import { parseEnvironment } from "../../lib/environment/load";
import { WikiStack } from "../../lib/stack/wiki-stack";
import { docker, succeeded, until } from "./deployment";
import { imageOf } from "./images";

/** Exit code and output of a job. */
export interface Ended {
  readonly status: number | null;
  readonly output: string;
}

/** What is mounted into a container of the plan beside its own files. */
export interface Extra {
  readonly image?: string;
  readonly mounts?: readonly string[];
  readonly command?: readonly string[];
}

const DATABASE_OWNER = 999;
/** User of the wiki. */
const UID = 1000;

/** MySQL and BookStack's own containers with the files, secrets and limits of the plan, without Terraform and without an edge. */
export class WikiDatabase {
  private readonly directory = mkdtempSync(join(tmpdir(), "wiki-database-"));
  private readonly plan;
  private readonly network: string;
  private readonly address: string;
  private runs = 0;

  constructor(
    public readonly name: string,
    private readonly subnet: string,
  ) {
    this.network = `${name}-database`;
    this.address = `${subnet.replace(/\.0\/.*$/, "")}.10`;
    const environment = {
      domain: "wiki.localhost",
      networks: { database: subnet },
      wiki: { admin: { email: "first@wiki.localhost" } },
      users: [{ name: "demo", displayName: "Demo", email: "demo@wiki.localhost", groups: ["admin"] }],
      monitoring: { enabled: false },
    };
    this.plan = read(new WikiStack(testApp(), parseEnvironment(name, JSON.stringify(environment), "test")));
  }

  /** Makes the secrets and starts MySQL. */
  public async start(): Promise<void> {
    this.remove();
    mkdirSync(this.directory, { recursive: true });
    docker("network", "create", "--internal", "--subnet", this.subnet, this.network);
    const manifest = this.plan.file(`${this.name}-secrets`, "manifest");
    const services = [...manifest.matchAll(/^give\t[^\t]+\t([^\t]+)\t/gm)].map(([, service]) => `services/${service}`);
    const guards = [...manifest.matchAll(/^guard\t[^\t]+\t\/(\S+)/gm)].map(([, guard = ""]) => guard);
    for (const folder of [...services, ...guards, "store", "data", "logs", "scratch"]) mkdirSync(this.path(folder), { recursive: true });
    chownSync(this.path("scratch"), UID, UID);
    for (const folder of ["data", "logs"]) chownSync(this.path(folder), DATABASE_OWNER, DATABASE_OWNER);
    const mounts = ["store:/store", "services:/services", "guards:/guards"].map((pair) => this.path(pair));
    const { status, output: message } = this.run("secrets", { image: imageOf("bookstack"), mounts });
    if (status !== 0) throw new Error(message);
    this.startServer();
    await this.answers();
  }

  /** Starts MySQL again after `stopServer`. */
  public startServer(): void {
    const mounts = [`${this.path("data")}:/var/lib/mysql`, `${this.path("logs")}:/var/log/mysql`, this.secrets("bookstack-db")];
    const args = this.dockerArgs("bookstack-db", { image: imageOf("mysql"), mounts });
    docker("run", "--detach", `--name=${this.name}-bookstack-db`, `--network=${this.network}`, `--ip=${this.address}`, ...args);
  }

  /** Starts a container as the backup has it, for steps of a restore; its name. */
  public startWorker(): string {
    const container = `${this.name}-worker`;
    const sources = ["uploads", "uploads-public", "authelia", "crowdsec"];
    for (const folder of [...sources.map((name) => `sources/${name}`), "backup-scratch"]) mkdirSync(this.path(folder), { recursive: true });
    for (const name of sources) chownSync(this.path("sources", name), UID, UID);
    const mounts = [this.secrets("backup"), `${this.path("backup-scratch")}:/scratch`, `${this.path("sources")}:/sources`];
    const args = this.dockerArgs("backup", { image: imageOf("backup"), mounts });
    const options = args.slice(
      0,
      args.findIndex((arg) => arg.startsWith("--entrypoint=")),
    );
    docker("run", "--detach", `--name=${container}`, `--network=${this.network}`, ...options, "--entrypoint=sleep", imageOf("backup"), "infinity");
    return container;
  }

  public stopServer(): void {
    docker("rm", "--force", `${this.name}-bookstack-db`);
  }

  /** Waits until MySQL takes statements. */
  public async answers(): Promise<void> {
    await until(() => this.query("SELECT 1").status === 0, 120, "MySQL answers");
  }

  /** Runs the setup of the wiki to its end. */
  public setup(extra: Extra = {}): Ended {
    return this.run("bookstack-setup", { image: imageOf("bookstack"), ...extra, mounts: [this.secrets("bookstack-setup"), ...(extra.mounts ?? [])] });
  }

  /** Runs a command in the wiki as an operator does by `docker exec`. */
  public command(extra: Extra): Ended {
    return this.foreground(["--rm", ...this.commandWords(`${this.name}-command`, extra)]);
  }

  /** The same in the background. */
  public commandInBackground(container: string, extra: Extra): void {
    docker("run", "--detach", ...this.commandWords(container, extra));
  }

  /** The same setup in the background; `ended` waits for it. */
  public setupInBackground(extra: Extra = {}): string {
    const container = `${this.name}-setup-${++this.runs}`;
    const mounts = [this.secrets("bookstack-setup"), ...(extra.mounts ?? [])];
    docker(
      "run",
      "--detach",
      `--name=${container}`,
      `--network=${this.network}`,
      ...this.dockerArgs("bookstack-setup", { image: imageOf("bookstack"), ...extra, mounts }),
    );
    return container;
  }

  /** Waits for the end of a container, and removes it. */
  public ended(container: string): Ended {
    const status = Number(docker("wait", container));
    const { stdout, stderr } = spawnSync("docker", ["logs", container], { encoding: "utf8" });
    docker("rm", container);
    return { status, output: `${stdout}${stderr}` };
  }

  /** What root of the database gets for `sql`, by the socket. */
  public query(sql: string): { status: number | null; rows: string } {
    const script = `umask 077; { printf "[client]\\nuser=root\\npassword='"; sed "s/[\\\\\\\\']/\\\\\\\\&/g" /run/secrets/mysql_root_password | tr -d '\\n'; printf "'\\n"; } > /tmp/root.cnf; exec mysql --defaults-file=/tmp/root.cnf --socket=/run/mysqld/mysqld.sock -NB`;
    const { status, stdout, stderr } = spawnSync("docker", ["exec", "--interactive", `${this.name}-bookstack-db`, "sh", "-c", script], {
      input: sql,
      encoding: "utf8",
    });
    return { status, rows: status === 0 ? stdout.trim() : stderr };
  }

  /** The same, and it has to succeed. */
  public rows(sql: string): string {
    const { status, rows } = this.query(sql);
    if (status !== 0) throw new Error(rows);
    return rows;
  }

  /** A file that a test mounts, and its path. */
  public file(name: string, text: string): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, 0o644);
    return path;
  }

  public remove(): void {
    const named = docker("ps", "--all", "--format", "{{.Names}}").split("\n");
    for (const container of named.filter((found) => found.startsWith(`${this.name}-`))) docker("rm", "--force", container);
    if (docker("network", "ls", "--format", "{{.Name}}").split("\n").includes(this.network)) docker("network", "rm", this.network);
    rmSync(this.directory, { recursive: true, force: true });
  }

  private commandWords(container: string, extra: Extra): string[] {
    const mounts = [this.secrets("bookstack"), `${this.path("scratch")}:${SCRATCH_DIRECTORY}`, ...(extra.mounts ?? [])];
    return [`--name=${container}`, `--network=${this.network}`, ...this.dockerArgs("bookstack", { image: imageOf("bookstack"), ...extra, mounts })];
  }

  private path(...names: readonly string[]): string {
    return join(this.directory, ...names);
  }

  private secrets(service: string): string {
    return `${this.path("services", service)}:/run/secrets:ro`;
  }

  private run(service: string, extra: Extra): Ended {
    const { network_mode: mode } = this.plan.container(`${this.name}-${service}`);
    return this.foreground(["--rm", `--name=${this.name}-${service}`, `--network=${mode ?? this.network}`, ...this.dockerArgs(service, extra)]);
  }

  private foreground(args: readonly string[]): Ended {
    const { status, stdout, stderr } = spawnSync("docker", ["run", ...args], { encoding: "utf8", maxBuffer: 64 * 2 ** 20 });
    return { status, output: `${stdout}${stderr}` };
  }

  /** What `docker run` takes for a container of the plan. */
  private dockerArgs(service: string, { image = "", mounts = [], command }: Extra): string[] {
    const container = this.plan.container(`${this.name}-${service}`);
    const { user, entrypoint = [], tmpfs = {}, env = [], host = [], memory, capabilities } = container;
    const [program = "", ...rest]: string[] = entrypoint;
    return [
      "--init",
      "--read-only",
      "--cap-drop=ALL",
      ...(capabilities.add ?? []).map((name: string) => `--cap-add=${name}`),
      "--security-opt=no-new-privileges",
      `--user=${user}`,
      `--memory=${memory}m`,
      ...Object.entries<string>(tmpfs).map(([path, options]) => `--tmpfs=${path}:${options}`),
      ...env.map((line: string) => `--env=${line}`),
      ...host.map(({ host: name, ip }: Block) => `--add-host=${name}:${ip}`),
      `--volume=${this.files(service)}:${this.configDirectory(container)}:ro`,
      ...mounts.map((mount) => `--volume=${mount}`),
      `--entrypoint=${program}`,
      image,
      ...rest,
      ...(command ?? container.command ?? []),
    ];
  }

  /** Writes the files of a container below a directory, and gives that. */
  private files(service: string): string {
    for (const { container, path, text } of this.plan.files()) {
      if (container === `${this.name}-${service}`) this.file(join("config", service, path), text);
    }
    succeeded(spawnSync("chmod", ["-R", "a+rX", this.directory], { encoding: "utf8" }));
    return this.path("config", service);
  }

  private configDirectory({ mounts }: Block): string {
    return mounts.find(({ source }: Block) => /-config-[0-9a-f]{12}$/.test(source) && !source.includes("-theme-")).target;
  }
}
