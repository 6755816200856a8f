import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { succeeded, until } from "./deployment";
import { SshAgent } from "./ssh-agent";

const NAMESPACE = "sbk-remote";
const LINK = "sbkremote";
const GATEWAY = "10.238.0.1";
/** Address of the machine that the engine believes to be on. */
export const ADDRESS = "10.238.0.2";
export const SSH_PORT = 2222;
const TLS_PORT = 2376;
/** Held by the test whose second engine runs: addresses and names are the same for all. */
const LOCK = join(tmpdir(), "second-engine.lock");
const LOCK_SECONDS = 1800;

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
  public readonly namespace = NAMESPACE;
  /** Where it listens on this machine, past SSH and TLS. */
  public readonly socket = this.path("docker.sock");
  public readonly ssh = `ssh://root@${ADDRESS}:${SSH_PORT}`;
  public readonly tcp = `tcp://${ADDRESS}:${TLS_PORT}`;

  /** Starts it, and gives it these images of the first engine. */
  public async start(images: readonly string[]): Promise<void> {
    await this.takeTurn();
    this.network();
    this.keys();
    this.certificates("client", "ca");
    this.certificates("stranger", "other-ca");
    const socket = `unix://${this.socket}`;
    const tls = ["--tlsverify", `--tlscacert=${this.path("ca.pem")}`, `--tlscert=${this.path("server/cert.pem")}`, `--tlskey=${this.path("server/key.pem")}`];
    const places = [`--data-root=${this.path("data")}`, `--exec-root=${this.path("exec")}`, `--pidfile=${this.path("docker.pid")}`];
    this.inside("dockerd", ["--host", socket, "--host", `tcp://${ADDRESS}:${TLS_PORT}`, ...tls, ...places]);
    await until(() => this.docker("version").status === 0, 60, "the second engine answers");
    const load = `docker save "$@" | docker --host ${socket} load --quiet`;
    if (images.length > 0) succeeded(spawnSync("sh", ["-c", load, "sh", ...images], { encoding: "utf8", maxBuffer: 2 ** 26 }));
    mkdirSync("/run/sshd", { recursive: true });
    this.inside("/usr/sbin/sshd", ["-D", "-e", "-f", this.path("sshd_config")]);
    await until(() => spawnSync("ssh-keyscan", ["-p", `${SSH_PORT}`, ADDRESS], { encoding: "utf8" }).stdout !== "", 20, "the SSH server answers");
  }

  /** A command of Docker on it, past SSH and TLS. */
  public docker(...args: readonly string[]) {
    return spawnSync("docker", ["--host", `unix://${this.socket}`, ...args], { encoding: "utf8" });
  }

  /** File with the public key of its SSH server. */
  public get hostKeyFile(): string {
    return this.path("host.pub");
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
      const ended = new Promise((resolve) => (child.exitCode === null ? child.once("exit", resolve) : resolve(0)));
      child.kill();
      await ended;
    }
    this.agent?.stop();
    spawnSync("ip", ["netns", "delete", NAMESPACE]);
    spawnSync("ip", ["link", "delete", LINK]);
    spawnSync("sh", ["-c", `umount ${this.path("exec")}/netns/* 2>/dev/null; rm -rf ${this.directory}`]);
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
    this.children.push(spawn("nsenter", [`--net=/var/run/netns/${NAMESPACE}`, program, ...args], { stdio: ["ignore", log, log] }));
  }

  private network(): void {
    spawnSync("ip", ["netns", "delete", NAMESPACE], { stdio: "ignore" });
    spawnSync("ip", ["link", "delete", LINK], { stdio: "ignore" });
    const within = ["netns", "exec", NAMESPACE, "ip"];
    for (const args of [
      ["netns", "add", NAMESPACE],
      ["link", "add", LINK, "type", "veth", "peer", "name", "outside", "netns", NAMESPACE],
      ["address", "add", `${GATEWAY}/30`, "dev", LINK],
      ["link", "set", LINK, "up"],
      [...within, "address", "add", `${ADDRESS}/30`, "dev", "outside"],
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
    const lines = [
      `ListenAddress ${ADDRESS}:${SSH_PORT}`,
      `HostKey ${this.path("host")}`,
      `AuthorizedKeysFile ${this.path("authorized")}`,
      `PidFile ${this.path("sshd.pid")}`,
      "StrictModes no",
      "UsePAM no",
      "PermitRootLogin prohibit-password",
      "PasswordAuthentication no",
      // a client that opens a connection for each request is refused
      "MaxStartups 3:100:3",
      `SetEnv DOCKER_HOST=unix://${this.socket}`,
    ];
    writeFileSync(this.path("sshd_config"), `${lines.join("\n")}\n`);
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
    if (ca === "ca") sign("server", `subjectAltName=IP:${ADDRESS}\nextendedKeyUsage=serverAuth\n`);
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
