import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { succeeded, until } from "./deployment";

const NAMESPACE = "sbk-engine";
/** Processor time is scarce beside other tests. */
const SECONDS = 120;

/** Why no engine can be started from programs on this machine; nothing when one can. */
export function missingForEngines(): string | undefined {
  if (process.getuid?.() !== 0) return "not root";
  const missing = ["ip", "nsenter", "iptables", "runc"].filter((program) => spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0);
  return missing.length > 0 ? `no ${missing.join(", ")}` : undefined;
}

/**
 * A Docker engine that is started from a directory with its programs (`dockerd`, and `containerd` and others if they are not those of
 * this machine), with data, containerd and network namespace of its own. Nothing is installed.
 */
export class EngineFromPrograms {
  private readonly directory = mkdtempSync(join(tmpdir(), "engine-"));
  private readonly environment: NodeJS.ProcessEnv;
  private children: ChildProcess[] = [];

  public readonly socket = join(this.directory, "docker.sock");
  public readonly host = `unix://${this.socket}`;
  /** Words before a command that reaches the ports which the containers publish. */
  public readonly within = ["nsenter", `--net=/var/run/netns/${NAMESPACE}`];

  /** @param features `features` of its daemon.json, such as `containerd-snapshotter`. */
  constructor(programs: string, features: Readonly<Record<string, boolean>> = {}) {
    this.environment = { ...process.env, PATH: `${programs}:${process.env.PATH}` };
    writeFileSync(join(this.directory, "daemon.json"), JSON.stringify({ features }));
    writeFileSync(join(this.directory, "containerd.toml"), 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n');
  }

  public async create(): Promise<void> {
    spawnSync("ip", ["netns", "delete", NAMESPACE], { stdio: "ignore" });
    execFileSync("ip", ["netns", "add", NAMESPACE]);
    execFileSync("ip", ["netns", "exec", NAMESPACE, "ip", "link", "set", "lo", "up"]);
    await this.start();
  }

  /** Copies images of the engine of this machine. */
  public load(images: readonly string[]): void {
    const copy = `docker save "$@" | docker --host ${this.host} load --quiet`;
    succeeded(spawnSync("sh", ["-c", copy, "sh", ...images], { encoding: "utf8", maxBuffer: 2 ** 26 }));
  }

  public docker(...args: readonly string[]) {
    return spawnSync("docker", ["--host", this.host, ...args], { encoding: "utf8", maxBuffer: 2 ** 26 });
  }

  /** Stops the engine and its containers, as `systemctl restart docker` does without live restore, and starts it. */
  public async restart(): Promise<void> {
    await this.end();
    await this.start();
  }

  public async remove(): Promise<void> {
    const containers = this.docker("ps", "--all", "--quiet").stdout?.split("\n").filter(Boolean) ?? [];
    if (containers.length > 0) this.docker("rm", "--force", "--volumes", ...containers);
    await this.end();
    spawnSync("ip", ["netns", "delete", NAMESPACE]);
    spawnSync("sh", ["-c", 'umount "$0"/exec/netns/* "$0"/data/*/* 2>/dev/null', this.directory]);
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Last lines of what dockerd wrote. */
  public log(): string {
    return readFileSync(join(this.directory, "dockerd.log"), "utf8").split("\n").slice(-30).join("\n");
  }

  private async start(): Promise<void> {
    const path = (name: string) => join(this.directory, name);
    const containerd = path("containerd.sock");
    const places = [`--root=${path("containerd")}`, `--state=${path("containerd-state")}`, `--address=${containerd}`];
    rmSync(path("docker.pid"), { force: true });
    this.run("containerd", [`--config=${path("containerd.toml")}`, ...places]);
    await until(() => existsSync(containerd), SECONDS, "containerd listens");
    const own = [`--data-root=${path("data")}`, `--exec-root=${path("exec")}`, `--pidfile=${path("docker.pid")}`, `--config-file=${path("daemon.json")}`];
    this.run("dockerd", [`--host=${this.host}`, `--containerd=${containerd}`, ...own]);
    await until(() => this.docker("version").status === 0, SECONDS, "the engine answers").catch((error) => {
      throw new Error(`${error.message}\n${this.log()}`);
    });
  }

  private run(program: string, args: readonly string[]): void {
    const log = openSync(join(this.directory, `${program}.log`), "a");
    const [command = "", ...words] = this.within;
    this.children.push(spawn(command, [...words, program, ...args], { stdio: ["ignore", log, log], env: this.environment }));
  }

  private async end(): Promise<void> {
    for (const child of this.children.toReversed()) {
      const ended = new Promise((resolve) => (child.exitCode === null ? child.once("exit", resolve) : resolve(0)));
      child.kill();
      await ended;
    }
    this.children = [];
  }
}
