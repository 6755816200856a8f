import { readFileSync } from "node:fs";
import { join } from "node:path";
import { resourceName } from "../../../constructs/docker/resource-name";
import type { Docker } from "../../clients/docker/docker";
import { HARDENED } from "../../clients/docker/hardened";
import type { DockerProbe, Inspected, ProbeNetwork } from "./target";

const PROBE = readFileSync(join(__dirname, "probe.php"), "utf8");

/** Where a probe sees a directory of the host. */
const MOUNTED = "/files";
/** A probe may do no more than read and connect. */
const PROBE_OPTIONS = [...HARDENED, "--user=65534:65534", "--memory=128m", "--pull=never", "--log-driver=none"];

/** The engine of an environment; `image` is one with PHP that is there already. */
export class EngineProbe implements DockerProbe {
  constructor(
    private readonly docker: Docker,
    private readonly namespace: string,
    private readonly image: string,
  ) {}

  public async inspect(containers: readonly string[]): Promise<readonly Inspected[]> {
    const there = this.docker.names("container").filter((name) => containers.includes(name));
    return there.length === 0 ? [] : JSON.parse(this.docker.output(["inspect", "--type=container", ...there]));
  }

  public async internalNetworks(): Promise<readonly string[]> {
    const lines = this.docker.output(["network", "ls", "--format", "{{.Internal}} {{.Name}}"]).split("\n");
    return lines.flatMap((line) => (line.startsWith("true ") ? [line.slice("true ".length)] : []));
  }

  public async exec(container: string, args: readonly string[]): Promise<string> {
    return this.docker.output(["exec", container, ...args]);
  }

  public async probe({ network, ip }: ProbeNetwork, args: readonly string[]): Promise<unknown> {
    return this.php([`--network=${network}`, ...(ip === undefined ? [] : [`--ip=${ip}`])], args);
  }

  public async hostFiles(directory: string): Promise<Readonly<Record<string, string>> | undefined> {
    try {
      const mount = `type=bind,source=${directory},target=${MOUNTED},readonly`;
      return this.php(["--network=none", "--mount", mount], ["files", MOUNTED]) as Record<string, string>;
    } catch (error) {
      if (/bind source path does not exist/.test((error as Error).message)) return undefined;
      throw error;
    }
  }

  public async onNetwork<T>(container: string, subnet: string, address: string, action: (network: string) => Promise<T>): Promise<T> {
    const network = resourceName(this.namespace, "verify");
    this.docker.output(["network", "create", "--internal", "--subnet", subnet, network]);
    try {
      this.docker.output(["network", "connect", "--ip", address, network, container]);
      try {
        return await action(network);
      } finally {
        this.docker.output(["network", "disconnect", "--force", network, container]);
      }
    } finally {
      this.docker.output(["network", "rm", network]);
    }
  }

  private php(options: readonly string[], args: readonly string[]): unknown {
    const command = ["--entrypoint=php", this.image, "--", ...args];
    return JSON.parse(this.docker.output(["run", "--rm", "--interactive", ...PROBE_OPTIONS, ...options, ...command], PROBE));
  }
}
