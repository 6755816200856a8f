import { type ChildProcess, type SpawnSyncOptions, type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where the disk lies from run to run; it takes minutes to build. */
const DIRECTORY = process.env.E2E_HOST_DIRECTORY ?? join(tmpdir(), "secure-bookstack-host");
/** Release of Debian: bookworm is 12, trixie is 13. */
const SUITE = process.env.E2E_HOST_SUITE ?? "bookworm";
/** Port of this machine that is forwarded to SSH of the server. */
const PORTS = { prepared: 12_222, fresh: 12_223 };
/** Addresses of the server, for clients. */
export const SERVER = { ipv4: "203.0.113.10", ipv6: "2001:db8:113::10" };
/** Addresses of clients: one that behaves, one that attacks. */
export const FRIEND = { ipv4: "203.0.113.20", ipv6: "2001:db8:113::20" };
export const ATTACKER = { ipv4: "203.0.113.66", ipv6: "2001:db8:113::66" };
const GATEWAY = { ipv4: "203.0.113.1", ipv6: "2001:db8:113::1" };

/** What the tests of the host lack on this machine; nothing when they can run. */
export function missingForMachine(): string | undefined {
  if (process.getuid?.() !== 0) return "not root";
  if (process.env.E2E_HOST === undefined) return "its processor is emulated, and a run takes about an hour; E2E_HOST=1 runs it";
  const programs = [
    "qemu-system-x86_64",
    "qemu-img",
    "ip",
    "ssh",
    "ssh-keygen",
    ...(existsSync(join(DIRECTORY, SUITE, "prepared", "disk.raw")) ? [] : ["debootstrap", "mkfs.ext4"]),
  ];
  const missing = programs.filter((name) => spawnSync("sh", ["-c", 'command -v "$1"', "sh", name]).status !== 0);
  return missing.length > 0 ? `no ${missing.join(", ")}` : undefined;
}

export interface HostMachineProps {
  /** `fresh` as it is rented: root may log in with a key, and nothing is there. `prepared` has Docker, and the packages that the host parts need. */
  readonly kind: "fresh" | "prepared";
  readonly memoryMiB: number;
  /** Port of its SSH server. */
  readonly sshPort: number;
  /** File that it finds as the disk /dev/vdb. @default - there is none */
  readonly file?: string;
}

/** A Debian server in a virtual machine, which starts each run from a fresh disk. */
export class HostMachine {
  public readonly port: number;
  public readonly keyFile: string;
  /** Network namespace with clients that have their own addresses, and its device. */
  private readonly clients: string;
  private readonly tap: string;
  /** Where `ip netns exec` looks for what its programs find in /etc. */
  private readonly resolver: string;
  private readonly directory: string;
  private readonly overlay: string;
  private machine: ReturnType<typeof spawn> | undefined;

  constructor(private readonly props: HostMachineProps) {
    this.port = PORTS[props.kind];
    this.clients = `bookstack-${props.kind}`;
    this.tap = `tap-${props.kind}`;
    this.resolver = `/etc/netns/${this.clients}`;
    this.directory = join(DIRECTORY, SUITE, props.kind);
    this.keyFile = join(this.directory, "id");
    this.overlay = join(this.directory, "overlay.qcow2");
  }

  /** Builds the disk unless it is there, and starts from it. */
  public start(): void {
    mkdirSync(this.directory, { recursive: true });
    must("sh", [join(__dirname, "build-host.sh"), this.directory, this.props.kind, SUITE]);
    rmSync(this.overlay, { force: true });
    must("qemu-img", ["create", "-q", "-f", "qcow2", "-b", join(this.directory, "disk.raw"), "-F", "raw", this.overlay]);
    this.boot();
  }

  /** Public keys of the host, as its own files have them. */
  public hostKeys(): string[] {
    return readFileSync(join(this.directory, "host-keys"), "utf8").trim().split("\n");
  }

  /** Runs a shell command as root. */
  public run(command: string, input?: string): SpawnSyncReturns<string> {
    return spawnSync("ssh", [...this.ssh("root"), command], { encoding: "utf8", input, timeout: 600_000, maxBuffer: 256 * 2 ** 20 });
  }

  /** Runs a shell command as root that has to succeed; what it printed. */
  public must(command: string, input?: string): string {
    const { status, stdout, stderr } = this.run(command, input);
    if (status !== 0) throw new Error(`on the host, "${command}" ended with ${status}: ${stdout}${stderr}`);
    return stdout.trim();
  }

  /** Runs a command where the clients are. */
  public client(command: readonly string[], options: SpawnSyncOptions = { timeout: 120_000 }): SpawnSyncReturns<string> {
    return spawnSync("ip", ["netns", "exec", this.clients, ...command], { maxBuffer: 64 * 2 ** 20, ...options, encoding: "utf8" });
  }

  /** Starts a program where the clients are. */
  public inBackground(command: readonly string[]): ChildProcess {
    return spawn("ip", ["netns", "exec", this.clients, ...command], { stdio: "ignore" });
  }

  /** Makes `address` the name server of the clients. */
  public ask(address: string): void {
    mkdirSync(this.resolver, { recursive: true });
    writeFileSync(join(this.resolver, "resolv.conf"), `nameserver ${address}\n`);
  }

  /** Whether a client gets an answer at a TCP port of the server. */
  public reaches(port: number, { from = FRIEND, family = "ipv4" as "ipv4" | "ipv6" } = {}): boolean {
    const script =
      'import socket,sys\ns=socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)\ns.settimeout(5)\ns.bind((sys.argv[1],0))\ns.connect((sys.argv[2],int(sys.argv[3])))\n';
    return this.client(["python3", "-c", script, from[family], SERVER[family], `${port}`]).status === 0;
  }

  /** An SSH login from a client, with an unknown key. */
  public knock(from: string, user: string): void {
    const key = join(this.directory, "stranger");
    if (!existsSync(key)) must("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
    const options = [
      "-o",
      "BatchMode=yes",
      "-o",
      "StrictHostKeyChecking=no",
      "-o",
      "UserKnownHostsFile=/dev/null",
      "-o",
      "ConnectTimeout=10",
      "-o",
      "IdentitiesOnly=yes",
    ];
    this.client(["ssh", ...options, "-b", from, "-i", key, "-p", `${this.port}`, `${user}@${SERVER.ipv4}`, "true"]);
  }

  public async reboot(): Promise<void> {
    const before = this.must("cat /proc/sys/kernel/random/boot_id");
    this.run("systemctl reboot");
    await this.answers((id) => id !== before);
  }

  /** Shuts down and starts again from the same disk. */
  public async powerOff(): Promise<void> {
    const ended = new Promise((resolve) => this.machine?.once("close", resolve));
    this.run("systemctl poweroff");
    await ended;
    this.machine = undefined;
  }

  /** The disk as it is after {@link powerOff}, flat, for a search. */
  public disk(): string {
    const flat = join(this.directory, "flat.raw");
    must("qemu-img", ["convert", "-O", "raw", this.overlay, flat]);
    return flat;
  }

  public boot(): void {
    must("sh", [
      "-c",
      `ip netns add ${this.clients} 2>/dev/null || :; ip -n ${this.clients} link set lo up; ip link del ${this.tap} 2>/dev/null || ip -n ${this.clients} link del ${this.tap} 2>/dev/null || :; ip tuntap add ${this.tap} mode tap`,
    ]);
    const log = openSync(join(this.directory, "qemu.log"), "w");
    this.machine = spawn("qemu-system-x86_64", this.qemu(), { stdio: ["ignore", log, log] });
    closeSync(log);
    // the machine holds the device open by then
    spawnSync("sleep", ["2"]);
    const addresses = [GATEWAY, FRIEND, ATTACKER].flatMap(({ ipv4, ipv6 }) => [
      `ip -n ${this.clients} addr add ${ipv4}/24 dev ${this.tap}`,
      `ip -n ${this.clients} -6 addr add ${ipv6}/64 dev ${this.tap} nodad`,
    ]);
    must("sh", ["-ec", [`ip link set ${this.tap} netns ${this.clients}`, `ip -n ${this.clients} link set ${this.tap} up`, ...addresses].join("\n")]);
  }

  /** Waits until the host can be logged into. */
  public async answers(accept: (bootId: string) => boolean = () => true): Promise<void> {
    const deadline = Date.now() + 600_000;
    while (Date.now() < deadline) {
      const { status, stdout } = spawnSync("ssh", [...this.ssh("root"), "cat /proc/sys/kernel/random/boot_id"], { encoding: "utf8", timeout: 30_000 });
      if (status === 0 && accept(stdout.trim())) return;
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
    throw new Error("the host did not answer within ten minutes");
  }

  public stop(): void {
    this.machine?.kill("SIGKILL");
    spawnSync("ip", ["netns", "del", this.clients]);
    rmSync(this.resolver, { recursive: true, force: true });
    for (const file of ["overlay.qcow2", "flat.raw"]) rmSync(join(this.directory, file), { force: true });
  }

  private ssh(user: string): string[] {
    const options = ["BatchMode=yes", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "ConnectTimeout=15", "IdentitiesOnly=yes"];
    return [...options.flatMap((option) => ["-o", option]), "-i", this.keyFile, "-p", `${this.port}`, `${user}@127.0.0.1`];
  }

  private qemu(): string[] {
    const device = (kind: string, network: string) => [...["-netdev", network], ...["-device", kind]];
    return [
      // hardware helps where it can be used; its emulation is what can always be had
      ...["-accel", process.env.E2E_HOST_ACCEL ?? "tcg,thread=multi,tb-size=512", "-cpu", "max"],
      ...["-smp", "2", "-m", `${this.props.memoryMiB}`, "-display", "none", "-monitor", "none"],
      ...["-serial", `file:${join(this.directory, "console.log")}`],
      ...["-kernel", join(this.directory, "kernel"), "-initrd", join(this.directory, "initrd")],
      ...["-append", "root=/dev/vda rw console=ttyS0 net.ifnames=0 audit=1 apparmor=1 security=apparmor mitigations=off"],
      ...["-drive", `file=${this.overlay},if=virtio,format=qcow2`],
      ...(this.props.file === undefined ? [] : ["-drive", `file=${this.props.file},if=virtio,format=raw`]),
      // a range that looks public: nothing that is private may be let through for that alone
      ...device("virtio-net-pci,netdev=n0", `user,id=n0,net=198.51.100.0/24,hostfwd=tcp:127.0.0.1:${this.port}-:${this.props.sshPort}`),
      ...device("virtio-net-pci,netdev=n1,mac=52:54:00:aa:bb:02", `tap,id=n1,ifname=${this.tap},script=no,downscript=no`),
    ];
  }
}

function must(program: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: "utf8", maxBuffer: 64 * 2 ** 20 });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}: ${error?.message ?? stderr.slice(-2000)}`);
}
