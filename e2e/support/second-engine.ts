import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { succeeded, until } from "./deployment";
import { SshAgent } from "./ssh-agent";

/** Second byte of the addresses of an engine that has no other. */
const NETWORK = 238;
/** Address of the machine that such an engine believes to be on. */
export const ADDRESS = addressIn(NETWORK);
export const SSH_PORT = 2222;
const TLS_PORT = 2376;
/** Held by the test whose second engine runs: addresses and names are the same for all. */
const LOCK = join(tmpdir(), "second-engine.lock");
const LOCK_SECONDS = 1800;

function addressIn(network: number): string {
  return `10.${network}.0.2`;
}

/** What a machine lacks for a second engine, in a few words; nothing when it can have one. */
export function missingForSecondEngine(): string | undefined {
  if (process.getuid?.() !== 0) return "not root";
  const missing = ["flock", "ip", "nsenter", "dockerd", "ssh", "ssh-agent", "ssh-add", "ssh-keygen", "openssl"].filter(
    (program) => spawnSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }).status !== 0,
  );
  if (spawnSync("/usr/sbin/sshd", ["-?"], { stdio: "ignore" }).error) missing.push("sshd");
  return missing.length === 0 ? undefined : `no ${missing.join(", ")}`;
}

/** A Docker engine in its own network namespace, with its own data, SSH server and certificates: equivalent to another machine. */
export class SecondEngine {
  private readonly directory = mkdtempSync(join(tmpdir(), "second-engine-"));
  private readonly children: ChildProcess[] = [];
  private agent: SshAgent | undefined;
  private turn: ChildProcess | undefined;
  /** Public key of its SSH server, and one that is not. */
  public hostKey = "";
  public otherKey = "";

  /** Its network namespace. */
  public readonly namespace: string;
  /** Where it listens on this machine, past SSH and TLS. */
  public readonly socket = this.path("docker.sock");
  public readonly ssh: string;
  public readonly tcp: string;
  private readonly address: string;
  private readonly link: string;

  /** Two engines at a time have different names and networks, the second bytes of their addresses. */
  constructor(
    name = "remote",
    private readonly network = NETWORK,
  ) {
    this.address = addressIn(network);
    this.namespace = `sbk-${name}`;
    this.link = `sbk${name}`;
    this.ssh = `ssh://root@${this.address}:${SSH_PORT}`;
    this.tcp = `tcp://${this.address}:${TLS_PORT}`;
  }

  /** Starts it, and gives it these images of the first engine. */
  public async start(images: readonly string[]): Promise<void> {
    await this.takeTurn();
    this.connect();
    this.keys();
    this.certificates("client", "ca");
    this.certificates("stranger", "other-ca");
    await this.boot();
    const load = `docker save "$@" | docker --host unix://${this.socket} load --quiet`;
    if (images.length > 0) succeeded(spawnSync("sh", ["-c", load, "sh", ...images], { encoding: "utf8", maxBuffer: 2 ** 26 }));
  }

  /** Starts Docker and the SSH server, as the machine does when it is switched on. */
  private async boot(): Promise<void> {
    const socket = `unix://${this.socket}`;
    const tls = ["--tlsverify", `--tlscacert=${this.path("ca.pem")}`, `--tlscert=${this.path("server/cert.pem")}`, `--tlskey=${this.path("server/key.pem")}`];
    const places = [`--data-root=${this.path("data")}`, `--exec-root=${this.path("exec")}`, `--pidfile=${this.path("docker.pid")}`];
    this.inside("dockerd", ["--host", socket, "--host", `tcp://${this.address}:${TLS_PORT}`, ...tls, ...places]);
    await until(() => this.docker("version").status === 0, 60, "the second engine answers");
    mkdirSync("/run/sshd", { recursive: true });
    this.inside("/usr/sbin/sshd", ["-D", "-e", "-f", this.path("sshd_config")]);
    await until(() => spawnSync("ssh-keyscan", ["-p", `${SSH_PORT}`, this.address], { encoding: "utf8" }).stdout !== "", 20, "the SSH server answers");
  }

  /** A command of Docker on it, past SSH and TLS. */
  public docker(...args: readonly string[]) {
    return spawnSync("docker", ["--host", `unix://${this.socket}`, ...args], { encoding: "utf8" });
  }

  /** File with the public key of its SSH server. */
  public get hostKeyFile(): string {
    return this.path("host.pub");
  }

  /** File with the keys that may sign in. */
  public get authorizedKeysFile(): string {
    return this.path("authorized");
  }

  /** Ends it as a power cut does: the link is down, and every process is killed at once. */
  public cutPower(): void {
    const ids = this.docker("ps", "--quiet")
      .stdout.split("\n")
      .filter((id) => id !== "");
    // the first process of a container takes all others of it with it
    const containers = this.docker("inspect", "--format", "{{.State.Pid}}", ...ids).stdout.split("\n");
    spawnSync("ip", ["link", "set", this.link, "down"]);
    const engine = spawnSync("ip", ["netns", "pids", this.namespace], { encoding: "utf8" }).stdout.split("\n");
    for (const id of [...engine, ...containers].map(Number).filter((number) => number > 1)) {
      try {
        process.kill(id, "SIGKILL");
      } catch {
        // it ended with another one
      }
    }
  }

  /** Gives the first engine an SSH server, too, which the second one reaches: its address for Docker. */
  public async serveFirst(): Promise<string> {
    const gateway = `10.${this.network}.0.1`;
    writeFileSync(this.path("first_config"), this.sshConfig(gateway, "first.pid", []));
    const log = openSync(this.path("first.log"), "a");
    this.children.push(spawn("/usr/sbin/sshd", ["-D", "-e", "-f", this.path("first_config")], { stdio: ["ignore", log, log] }));
    await until(() => spawnSync("ssh-keyscan", ["-p", `${SSH_PORT}`, gateway], { encoding: "utf8" }).stdout !== "", 20, "the first SSH server answers");
    return `ssh://root@${gateway}:${SSH_PORT}`;
  }

  private sshConfig(address: string, pid: string, more: readonly string[]): string {
    const lines = [
      `ListenAddress ${address}:${SSH_PORT}`,
      `HostKey ${this.path("host")}`,
      `AuthorizedKeysFile ${this.path("authorized")}`,
      `PidFile ${this.path(pid)}`,
      "StrictModes no",
      "UsePAM no",
      "PermitRootLogin prohibit-password",
      "PasswordAuthentication no",
      ...more,
    ];
    return `${lines.join("\n")}\n`;
  }

  /** The machine comes back after a power cut: its containers start as Docker does it. */
  public async restorePower(): Promise<void> {
    rmSync(this.path("docker.pid"), { force: true });
    spawnSync("ip", ["link", "set", this.link, "up"]);
    await this.boot();
  }

  /** Directory with certificates: `client` is known there, `stranger` is not, `deceived` trusts another authority. */
  public certificatesOf(who: "client" | "stranger" | "deceived"): string {
    return this.path(who);
  }

  /** The certificate that its engine shows over TLS, as PEM. */
  public shownCertificate(): string {
    return readFileSync(this.path("server/cert.pem"), "utf8");
  }

  /** Variables with which ssh finds the authorized key. */
  public agentVariables(): Record<string, string> {
    return this.agent?.variables ?? {};
  }

  /** Number of logins at its SSH server. */
  public logins(): number {
    return readFileSync(this.path("sshd.log"), "utf8").split("Accepted publickey").length - 1;
  }

  public async stop(): Promise<void> {
    const containers =
      this.docker("ps", "--all", "--quiet")
        .stdout?.split("\n")
        .filter((id) => id !== "") ?? [];
    if (containers.length > 0) this.docker("rm", "--force", ...containers);
    for (const child of this.children.toReversed()) {
      const ended = new Promise((resolve) => (child.exitCode === null && child.signalCode === null ? child.once("exit", resolve) : resolve(0)));
      child.kill();
      await ended;
    }
    this.agent?.stop();
    spawnSync("ip", ["netns", "delete", this.namespace]);
    spawnSync("ip", ["link", "delete", this.link]);
    spawnSync("sh", ["-c", `umount ${this.path("exec")}/netns/* ${this.path("data")}/overlay2/*/merged 2>/dev/null; rm -rf ${this.directory}`]);
    this.turn?.stdin?.end();
  }

  /** Waits for the second engine of another test; the lock goes with this process. */
  private async takeTurn(): Promise<void> {
    const turn = spawn("flock", ["--timeout", `${LOCK_SECONDS}`, LOCK, "sh", "-c", "echo held; exec cat"], { stdio: ["pipe", "pipe", "inherit"] });
    this.turn = turn;
    await new Promise<void>((resolve, reject) => {
      turn.stdout.once("data", () => resolve());
      turn.once("exit", () => reject(new Error(`another test has a second engine; waited ${LOCK_SECONDS} s for ${LOCK}`)));
    });
  }

  private path(name: string): string {
    return join(this.directory, name);
  }

  private inside(program: string, args: readonly string[]): void {
    const log = openSync(this.path(`${program.split("/").at(-1)}.log`), "a");
    this.children.push(spawn("nsenter", [`--net=/var/run/netns/${this.namespace}`, program, ...args], { stdio: ["ignore", log, log] }));
  }

  private connect(): void {
    spawnSync("ip", ["netns", "delete", this.namespace], { stdio: "ignore" });
    spawnSync("ip", ["link", "delete", this.link], { stdio: "ignore" });
    const within = ["netns", "exec", this.namespace, "ip"];
    for (const args of [
      ["netns", "add", this.namespace],
      ["link", "add", this.link, "type", "veth", "peer", "name", "outside", "netns", this.namespace],
      ["address", "add", `10.${this.network}.0.1/30`, "dev", this.link],
      ["link", "set", this.link, "up"],
      [...within, "address", "add", `${this.address}/30`, "dev", "outside"],
      [...within, "link", "set", "outside", "up"],
      [...within, "link", "set", "lo", "up"],
    ])
      execFileSync("ip", args);
  }

  /** Host key and the authorized key, which an agent holds, as on an operator's machine. */
  private keys(): void {
    const key = (name: string) => {
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", this.path(name)]);
      return readFileSync(this.path(`${name}.pub`), "utf8").trim();
    };
    this.hostKey = key("host");
    this.otherKey = key("other");
    writeFileSync(this.path("authorized"), `${key("operator")}\n`);
    this.agent = new SshAgent(this.path("operator"));
    // a client that opens a connection for each request is refused
    const own = ["MaxStartups 3:100:3", `SetEnv DOCKER_HOST=unix://${this.socket}`];
    writeFileSync(this.path("sshd_config"), this.sshConfig(this.address, "sshd.pid", own));
  }

  /** Certificates of `who`, by the authority `ca`; the first one makes those of the server, too. */
  private certificates(who: "client" | "stranger", ca: string): void {
    const openssl = (...args: readonly string[]) => execFileSync("openssl", args, { stdio: "ignore" });
    const sign = (name: string, extension: string) => {
      mkdirSync(this.path(name), { recursive: true });
      const [key, request] = [this.path(`${name}/key.pem`), this.path(`${name}/request`)];
      openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", request, "-subj", `/CN=${name}`);
      writeFileSync(this.path("extensions"), extension);
      const authority = ["-CA", this.path(`${ca}.pem`), "-CAkey", this.path(`${ca}.key`), "-set_serial", `${Date.now()}`];
      openssl("x509", "-req", "-in", request, ...authority, "-days", "2", "-extfile", this.path("extensions"), "-out", this.path(`${name}/cert.pem`));
    };
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    openssl("req", "-x509", ...curve, "-days", "2", "-keyout", this.path(`${ca}.key`), "-out", this.path(`${ca}.pem`), "-subj", `/CN=${ca}`);
    if (ca === "ca") sign("server", `subjectAltName=IP:${this.address}\nextendedKeyUsage=serverAuth\n`);
    sign(who, "extendedKeyUsage=clientAuth\n");
    const copy = (from: string, to: string) => {
      mkdirSync(this.path(to), { recursive: true });
      for (const file of ["cert.pem", "key.pem"]) writeFileSync(this.path(`${to}/${file}`), readFileSync(this.path(`${from}/${file}`)));
    };
    // one client has no valid certificate; the other has one, but trusts another server
    writeFileSync(this.path(`${who}/ca.pem`), readFileSync(this.path("ca.pem")));
    if (ca === "ca") copy("client", "deceived");
    else writeFileSync(this.path("deceived/ca.pem"), readFileSync(this.path(`${ca}.pem`)));
  }

  /** Certificates of `client` as variables of Terraform. */
  public certificateVariables(): Record<string, string> {
    const read = (file: string) => readFileSync(this.path(`client/${file}`), "utf8");
    return { TF_VAR_docker_ca: read("ca.pem"), TF_VAR_docker_cert: read("cert.pem"), TF_VAR_docker_key: read("key.pem") };
  }
}
