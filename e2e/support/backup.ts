import { runSync } from "./bounded";
import { type Deployment, docker, succeeded } from "./deployment";

/** What a docker command gave, whether it succeeded or not. */
export interface Said {
  readonly status: number | null;
  readonly output: string;
}

/** Longest that a backup or a restore takes. */
const SCRIPT_SECONDS = 1800;

/** Runs a docker command; returns all output as one text. */
export function tried(args: readonly string[], input?: string): Said {
  const { status, stdout, stderr } = runSync("docker", args, { input, seconds: SCRIPT_SECONDS });
  return { status, output: `${stdout}${stderr}` };
}

/** The backup of a deployed environment, as a test looks at it and disturbs it. */
export class Backups {
  public readonly container: string;

  constructor(private readonly wiki: Deployment) {
    this.container = wiki.container("backup");
  }

  /** Runs one of its scripts, which a variable may change. */
  public script(name: string, args: readonly string[] = [], variables: Readonly<Record<string, string>> = {}): Said {
    const env = Object.entries(variables).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
    return tried(["exec", ...env, this.container, "sh", `/etc/backup/${name}`, ...args]);
  }

  /** Runs a shell in it. */
  public shell(command: string): string {
    return docker("exec", this.container, "sh", "-c", command);
  }

  /** Names of the sets, oldest first. */
  public names(): string[] {
    return this.shell("ls /backups").split("\n").filter((name) => /^\d{8}T\d{6}Z\.tar\.gpg$/.test(name)).map((name) => name.slice(0, -".tar.gpg".length)); // biome-ignore format: one thought
  }

  /** Name and checksum of each set. */
  public sums(): string {
    return this.shell("cd /backups && sha256sum *.tar.gpg 2>/dev/null || true");
  }

  /** A value of the metrics, by its name with its labels. */
  public metric(name: string): number | undefined {
    const line = this.shell("cat /metrics/backup.prom").split("\n").find((candidate) => candidate.startsWith(`${name} `)); // biome-ignore format: one thought
    return line === undefined ? undefined : Number(line.split(" ")[1]);
  }

  /** What a run left outside of the sets. */
  public leftovers(): string[] {
    return this.shell("ls -A /scratch /run/backup /backups 2>/dev/null | grep -Ev '^/|^$|^cache$|^[.]lock$|[.]tar[.]gpg$' || true")
      .split("\n")
      .filter((line) => line !== "");
  }

  /** Flips the lowest bit of the byte in the middle of a file; done twice, it is as before. */
  public flip(file: string): void {
    const at = Math.floor(Number(this.shell(`stat -c %s ${file}`)) / 2);
    const byte = Number(this.shell(`od -An -tu1 -j${at} -N1 ${file}`).trim()) ^ 1;
    this.shell(`printf '\\${byte.toString(8).padStart(3, "0")}' | dd of=${file} bs=1 seek=${at} conv=notrunc status=none`);
  }

  /** A run in a separate container, with the same volumes except `/backups`, which has the given `size`. */
  public inSmallSpace(size: string): Said {
    const { Image, Config, HostConfig, Mounts } = JSON.parse(docker("inspect", this.container))[0];
    const mounts = Mounts.filter(({ Destination }: { Destination: string }) => !["/backups", "/metrics"].includes(Destination)).map(
      ({ Name, Destination, RW }: { Name: string; Destination: string; RW: boolean }) =>
        `--mount=type=volume,source=${Name},target=${Destination}${RW ? "" : ",readonly"}`,
    );
    const env = Config.Env.filter((line: string) => /^(BACKUP|DB|BOOKSTACK)_/.test(line)).map((line: string) => `--env=${line}`);
    const script = [
      "echo old > /backups/20200101T000000Z.tar.gpg",
      "sh /etc/backup/backup.sh; echo ended $?",
      "ls -A /backups; cat /backups/20200101T000000Z.tar.gpg",
      "grep -v '#' /metrics/backup.prom",
    ].join("; ");
    const hosts = HostConfig.ExtraHosts.map((host: string) => `--add-host=${host}`);
    const memory = [`--tmpfs=/backups:rw,size=${size}`, "--tmpfs=/metrics:rw,size=1m", "--tmpfs=/run:rw,size=16m"];
    const capabilities = ["--cap-drop=ALL", "--cap-add=SETUID", "--cap-add=SETGID"];
    const args = ["run", "--rm", "--user=0:0", ...capabilities, `--network=${this.wiki.name}-database`, ...hosts, ...memory, ...mounts, ...env];
    return tried([...args, "--entrypoint=sh", Image, "-c", script]);
  }
}

/** SQL as the root of the database, in its container; its password is no argument. */
export function sql(wiki: Deployment, statements: string, schema = "bookstack"): string {
  const script = `umask 077; { printf "[client]\\nuser=root\\nsocket=/run/mysqld/mysqld.sock\\npassword="; cat /run/secrets/mysql_root_password; } > /tmp/root.cnf; exec mysql --defaults-file=/tmp/root.cnf --batch --skip-column-names ${schema}`;
  return succeeded(
    runSync("docker", ["exec", "--interactive", wiki.container("bookstack-db"), "sh", "-c", script], { input: statements, seconds: SCRIPT_SECONDS }),
  ).trim();
}

/** An S3 server, real but small, on the network of the environment that has a way out. */
export class S3Server {
  public readonly name: string;

  constructor(
    private readonly wiki: Deployment,
    private readonly image: string,
    private readonly address: string,
    private readonly keys: { readonly access: string; readonly secret: string },
  ) {
    // not as what belongs to the environment: it has to outlive that
    this.name = `s3-${wiki.name}`;
  }

  /** Begins with what `volume` holds. */
  public start(): void {
    const serve = `mkdir -p /data/wiki; exec rclone serve s3 --addr 0.0.0.0:9000 --auth-key ${this.keys.access},${this.keys.secret} --config /dev/null --dir-cache-time 1s /data`;
    const args = ["run", "--detach", "--rm", "--name", this.name, "--network", `${this.wiki.name}-proxy`, "--ip", this.address];
    docker(...args, "--mount", `type=volume,source=${this.name}-data,target=/data`, "--entrypoint", "sh", this.image, "-c", serve);
  }

  public stop(): void {
    tried(["rm", "--force", this.name]);
  }

  public shell(command: string): string {
    return docker("exec", this.name, "sh", "-c", command);
  }

  public remove(): void {
    this.stop();
    tried(["volume", "rm", "--force", `${this.name}-data`]);
  }
}
