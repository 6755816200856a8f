import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingProgram } from "../../__tests__/support/needs";
import { succeeded, until } from "./deployment";

/** What is missing here for a machine in namespaces, in a few words; nothing when one can be started. */
export function missingForMachines(programs: readonly string[] = []): string | undefined {
  if (process.getuid?.() !== 0) return "not root";
  return ["ip", "nsenter", "unshare", "sysctl", ...programs].map(missingProgram).find((missing) => missing !== undefined);
}

/** Directories of which a machine has its own version: what is written there stays there. */
const OWN = ["/etc", "/run", "/usr/local", "/var/lib"];

/** A machine with its own network interfaces, network settings of the kernel and system directories, in namespaces of this one. */
export class Machine {
  /** Files of the machine that both sides see. */
  public readonly directory = mkdtempSync(join(tmpdir(), "machine-"));
  private readonly children: ChildProcess[] = [];
  private readonly holder: ChildProcess;

  constructor(private readonly name: string) {
    const overlays = OWN.map((path) => {
      const [upper, work] = ["upper", "work"].map((kind) => join(this.directory, kind, path));
      for (const directory of [upper, work]) mkdirSync(directory ?? "", { recursive: true });
      return `mount -t overlay overlay -o lowerdir=${path},upperdir=${upper},workdir=${work} ${path}`;
    });
    const script = [...overlays, "ip link set lo up", "echo started", "exec sleep infinity"].join(" && ");
    // as a slave, or what another engine unmounts would stay mounted here
    this.holder = spawn("unshare", ["--net", "--mount", "--propagation", "slave", "sh", "-c", script], { stdio: ["ignore", "pipe", "inherit"] });
  }

  public async started(): Promise<void> {
    const { stdout } = this.holder;
    if (stdout === null) throw new Error(`${this.name} has no output`);
    await once(stdout, "data");
  }

  /** Words that make a command run on the machine, in `cwd`. */
  public enterArgs(cwd = "/"): readonly string[] {
    return ["nsenter", "--target", `${this.holder.pid}`, "--net", "--mount", "--", "sh", "-c", 'cd "$0" && exec "$@"', cwd];
  }

  /** Runs a command to its end. */
  public run(
    program: string,
    args: readonly string[],
    { cwd = "/", input }: { readonly cwd?: string; readonly input?: string } = {},
  ): SpawnSyncReturns<string> {
    const [first = "", ...rest] = this.enterArgs(cwd);
    return spawnSync(first, [...rest, program, ...args], { encoding: "utf8", input, maxBuffer: 256 * 2 ** 20 });
  }

  /** Runs a command that has to succeed; what it printed. */
  public must(program: string, ...args: readonly string[]): string {
    return succeeded(this.run(program, args));
  }

  /** Runs lines of a shell that have to succeed. */
  public shell(script: string, cwd?: string): string {
    return succeeded(this.run("bash", ["-euc", script], { cwd }));
  }

  /** Starts a program that runs until the machine is stopped; its output is in the file `<name>.log`. */
  public start(program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
    const [first = "", ...rest] = this.enterArgs();
    const log = join(this.directory, `${program.split("/").at(-1)}.log`);
    const child = spawn(first, [...rest, "sh", "-c", 'exec "$@" >>"$0" 2>&1', log, program, ...args], {
      stdio: "ignore",
      env: { ...process.env, ...environment },
    });
    this.children.push(child);
    return child;
  }

  /** What a program that was started has printed. */
  public log(program: string): string {
    return readFileSync(join(this.directory, `${program}.log`), "utf8");
  }

  /** Writes a file of its /etc. */
  public write(path: string, text: string, mode = 0o644): void {
    const file = join(this.directory, "new");
    writeFileSync(file, text);
    this.must("install", "-D", "-m", mode.toString(8), file, path);
  }

  /** Connects it with another machine, or with this one. */
  public connect(own: { readonly link: string; readonly addresses: readonly string[] }, other: typeof own & { readonly machine?: Machine }): void {
    const far = other.machine === undefined ? [] : ["netns", `${other.machine.holder.pid}`];
    succeeded(
      spawnSync("ip", ["link", "add", own.link, "netns", `${this.holder.pid}`, "type", "veth", "peer", "name", other.link, ...far], { encoding: "utf8" }),
    );
    setAddresses((args) => this.must("ip", ...args), own.link, own.addresses);
    setAddresses(
      (args) => (other.machine ? other.machine.must("ip", ...args) : succeeded(spawnSync("ip", args, { encoding: "utf8" }))),
      other.link,
      other.addresses,
    );
  }

  /** Ends everything that runs on it; its interfaces and mounts go with it. */
  public async stop(): Promise<void> {
    for (const child of [...this.children.toReversed(), this.holder]) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, "exit");
      child.kill();
      await ended;
    }
    // an engine leaves gigabytes, whose deletion need not be waited for
    spawn("rm", ["-rf", this.directory], { detached: true, stdio: "ignore" }).unref();
  }
}

function setAddresses(ip: (args: readonly string[]) => string, link: string, addresses: readonly string[]): void {
  for (const address of addresses) ip(["address", "add", address, "dev", link, ...(address.includes(":") ? ["nodad"] : [])]);
  ip(["link", "set", link, "up"]);
}

/** A Docker engine on a separate machine. */
export class MachineEngine {
  private readonly socket: string;

  constructor(private readonly machine: Machine) {
    this.socket = join(machine.directory, "docker.sock");
  }

  /** As `docker.host` of an environment. */
  public get host(): string {
    return `unix://${this.socket}`;
  }

  /** Starts it with the settings of `daemon.json`, and loads these images of the engine here. */
  public async start(images: readonly string[], daemon: object): Promise<void> {
    this.machine.write("/etc/docker/daemon.json", JSON.stringify(daemon));
    const places = ["data-root", "exec-root", "pidfile"].map((name) => `--${name}=${join(this.machine.directory, `docker-${name}`)}`);
    this.machine.start("dockerd", ["--host", this.host, ...places]);
    await until(() => this.run("version").status === 0, 60, "the engine of the machine answers");
    if (images.length === 0) return;
    succeeded(spawnSync("sh", ["-c", 'docker save "$@" | docker --host "$0" load --quiet', this.host, ...images], { encoding: "utf8", maxBuffer: 2 ** 26 }));
  }

  /** A command of Docker. */
  public run(...args: readonly string[]): SpawnSyncReturns<string> {
    return spawnSync("docker", ["--host", this.host, ...args], { encoding: "utf8", maxBuffer: 256 * 2 ** 20 });
  }

  public must(...args: readonly string[]): string {
    return succeeded(this.run(...args)).trim();
  }

  /** Removes its containers, so that nothing of it runs on. */
  public empty(): void {
    const ids =
      this.run("ps", "--all", "--quiet")
        .stdout?.split("\n")
        .filter((id) => id !== "") ?? [];
    if (ids.length > 0) this.run("rm", "--force", "--volumes", ...ids);
  }
}
