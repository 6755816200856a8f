import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { docker } from "../support/deployment";

const MIB = 2 ** 20;
const MEMORY = "/sys/fs/cgroup/memory";

/** What this machine lacks to limit the memory of all containers together, in a few words; nothing when it can. */
export function missingForSmallServer(): string | undefined {
  if (process.getuid?.() !== 0) return "not root";
  if (!existsSync(join(MEMORY, "memory.limit_in_bytes"))) return "no cgroups of version 1";
  return docker("info", "--format", "{{.CgroupDriver}}") === "cgroupfs" ? undefined : "the engine's cgroup driver is not cgroupfs";
}

/** A cgroup with a memory limit, in which the containers of an environment have the memory that they would have on a small server. */
export class SmallServer {
  /** As the engine names it. */
  public readonly cgroup: string;
  private readonly directory: string;

  constructor(name: string) {
    this.cgroup = `/${name}`;
    this.directory = join(MEMORY, name);
  }

  public create(mebibytes: number): void {
    this.remove();
    mkdirSync(this.directory);
    this.write("memory.limit_in_bytes", mebibytes * MIB);
    // no swap: the same limit for memory and swap together
    if (existsSync(join(this.directory, "memory.memsw.limit_in_bytes"))) this.write("memory.memsw.limit_in_bytes", mebibytes * MIB);
  }

  /** Bytes that its containers need now, without the file cache that the kernel can drop at once. */
  public memory(): number {
    const stat = readFileSync(join(this.directory, "memory.stat"), "utf8");
    const usage = Number(readFileSync(join(this.directory, "memory.usage_in_bytes"), "utf8"));
    return usage - Number(/^total_inactive_file (\d+)/m.exec(stat)?.[1] ?? 0);
  }

  public remove(): void {
    if (existsSync(this.directory)) rmdirSync(this.directory);
  }

  private write(file: string, value: number): void {
    writeFileSync(join(this.directory, file), `${value}`);
  }
}
