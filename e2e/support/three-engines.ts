import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { succeeded, until } from "./deployment";

/** Host names of the nodes; the first one has the data. */
export const NODES = ["wiki-a", "wiki-b", "wiki-c"] as const;
const SWITCH = "sbk-swarm";
const UPLINK = "sbkswarm";
const SUBNET = "10.239.9";

function ip(...args: readonly string[]): void {
  execFileSync("ip", args);
}

/** What a machine lacks for three more engines, in a few words; nothing when it can have them. */
export function missingForThreeEngines(): string | undefined {
  if (process.getuid?.() !== 0) return "not root";
  const missing = ["ip", "nsenter", "unshare", "dockerd"].filter(
    (program) => spawnSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" }).status !== 0,
  );
  if (missing.length > 0) return `no ${missing.join(", ")}`;
  const probe = spawnSync("ip", ["link", "add", "sbkvx", "type", "vxlan", "id", "4242", "dstport", "4789", "dev", "lo"]);
  spawnSync("ip", ["link", "delete", "sbkvx"]);
  return probe.status === 0 ? undefined : "no vxlan in the kernel";
}

/** Three engines, each with its own network namespace, host name and data, on one switch: a Docker Swarm of three managers. */
export class ThreeEngines {
  private readonly directory = mkdtempSync(join(tmpdir(), "three-engines-"));
  private readonly children: ChildProcess[] = [];
  /** Directory that all have, as from a file server. */
  public readonly storage = join(this.directory, "storage");
  /** Address of the first node. */
  public readonly address = `${SUBNET}.1`;

  public socket(node: number): string {
    return join(this.directory, `${node}`, "docker.sock");
  }

  /** Runs docker on a node, counted from 0. */
  public docker(node: number, ...args: readonly string[]) {
    return spawnSync("docker", ["--host", `unix://${this.socket(node)}`, ...args], { encoding: "utf8", maxBuffer: 2 ** 26 });
  }

  /** Starts them, gives the first one `images`, and the others those of `everywhere`. */
  public async start(images: readonly string[], everywhere: readonly string[]): Promise<void> {
    this.network();
    for (const name of ["uploads", "uploads-public", "bookstack-logs", "bookstack-scratch"]) mkdirSync(join(this.storage, name), { recursive: true });
    for (const node of NODES.keys()) this.engine(node);
    for (const node of NODES.keys()) await until(() => this.docker(node, "version").status === 0, 60, `the engine of ${NODES[node]} answers`);
    for (const node of NODES.keys()) this.load(node, node === 0 ? images : everywhere);
    succeeded(this.docker(0, "swarm", "init", "--advertise-addr", this.address));
    const token = succeeded(this.docker(0, "swarm", "join-token", "--quiet", "manager")).trim();
    for (const node of [1, 2]) succeeded(this.docker(node, "swarm", "join", "--token", token, `${this.address}:2377`));
  }

  /** Ends all engines, and starts them again, as after a power failure that a battery announces. */
  public async restart(): Promise<void> {
    const pids = NODES.map((_, node) => Number(readFileSync(this.pidFile(node), "utf8")));
    for (const pid of pids) process.kill(pid);
    await until(() => pids.every((pid) => !existsSync(`/proc/${pid}`)), 120, "the engines end");
    for (const node of NODES.keys()) this.engine(node);
    for (const node of NODES.keys()) await until(() => this.docker(node, "version").status === 0, 60, `the engine of ${NODES[node]} answers`);
  }

  /** Unlocks a manager; it waits for most of the others. */
  public unlock(node: number, key: string): Promise<number | null> {
    const child = spawn("docker", ["--host", `unix://${this.socket(node)}`, "swarm", "unlock"], { stdio: ["pipe", "ignore", "ignore"] });
    child.stdin.end(`${key}\n`);
    return new Promise((resolve) => child.once("exit", resolve));
  }

  /** Takes a node off the switch, or puts it back. */
  public link(node: number, state: "up" | "down"): void {
    ip("-n", SWITCH, "link", "set", `port${node}`, state);
  }

  public async stop(): Promise<void> {
    for (const node of NODES.keys()) {
      this.docker(node, "swarm", "leave", "--force");
      const containers = (this.docker(node, "ps", "--all", "--quiet").stdout ?? "").split("\n").filter(Boolean);
      if (containers.length > 0) this.docker(node, "rm", "--force", "--volumes", ...containers);
    }
    for (const child of this.children) {
      const ended = new Promise((resolve) => (child.exitCode === null ? child.once("exit", resolve) : resolve(0)));
      child.kill();
      await ended;
    }
    this.removeNetwork();
    for (const node of NODES.keys()) spawnSync("sh", ["-c", `umount ${join(this.directory, `${node}`, "exec")}/netns/* 2>/dev/null`]);
    rmSync(this.directory, { recursive: true, force: true });
  }

  private pidFile(node: number): string {
    return join(this.directory, `${node}`, "docker.pid");
  }

  private load(node: number, images: readonly string[]): void {
    const script = `docker save "$@" | docker --host unix://${this.socket(node)} load --quiet`;
    succeeded(spawnSync("sh", ["-c", script, "sh", ...images], { encoding: "utf8", maxBuffer: 2 ** 26 }));
  }

  private engine(node: number): void {
    const directory = join(this.directory, `${node}`);
    mkdirSync(directory, { recursive: true });
    const places = [`--data-root=${directory}/data`, `--exec-root=${directory}/exec`, `--pidfile=${this.pidFile(node)}`].join(" ");
    const log = openSync(join(directory, "log"), "a");
    const script = `hostname ${NODES[node]}; exec dockerd --host unix://${this.socket(node)} ${places}`;
    const argv = [`--net=/var/run/netns/${SWITCH}-${node}`, "unshare", "--uts", "sh", "-c", script];
    this.children.push(spawn("nsenter", argv, { stdio: ["ignore", log, log] }));
  }

  /** Without a default route, so that a registry is not waited for. */
  private network(): void {
    this.removeNetwork();
    ip("netns", "add", SWITCH);
    ip("-n", SWITCH, "link", "add", "bridge", "type", "bridge");
    ip("-n", SWITCH, "link", "set", "bridge", "up");
    this.plug("uplink", ["link", "add", UPLINK, "type", "veth", "peer", "name", "uplink", "netns", SWITCH]);
    ip("address", "add", `${SUBNET}.254/24`, "dev", UPLINK);
    ip("link", "set", UPLINK, "up");
    for (const node of NODES.keys()) {
      const name = `${SWITCH}-${node}`;
      ip("netns", "add", name);
      this.plug(`port${node}`, ["-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", `port${node}`, "netns", SWITCH]);
      ip("-n", name, "address", "add", `${SUBNET}.${node + 1}/24`, "dev", "eth0");
      for (const link of ["eth0", "lo"]) ip("-n", name, "link", "set", link, "up");
    }
  }

  private plug(port: string, create: readonly string[]): void {
    ip(...create);
    ip("-n", SWITCH, "link", "set", port, "master", "bridge", "up");
  }

  private removeNetwork(): void {
    for (const name of [SWITCH, ...NODES.map((_, node) => `${SWITCH}-${node}`)]) spawnSync("ip", ["netns", "delete", name], { stdio: "ignore" });
    spawnSync("ip", ["link", "delete", UPLINK], { stdio: "ignore" });
  }
}
