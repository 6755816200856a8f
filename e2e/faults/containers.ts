import { writeFileSync } from "node:fs";
import type { Deployment } from "../support/deployment";
import { output, run } from "./run";

interface State {
  readonly service: string;
  readonly running: boolean;
  readonly health: string;
  readonly startedAt: string;
}

const FORMAT = "{{.Name}} {{.State.Running}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}} {{.State.StartedAt}} {{.State.Paused}}";

/** The containers of an environment, and what can happen to them. The engine has to be that of this machine, and the caller root. */
export class Containers {
  constructor(private readonly deployment: Deployment) {}

  public async states(): Promise<State[]> {
    const labels = [`label=secure-bookstack.namespace=${this.deployment.name}`, "label=secure-bookstack.kind=service"];
    const ids = (await run("docker", ["ps", "--all", "--quiet", ...labels.flatMap((label) => ["--filter", label])])).stdout.split("\n").filter(Boolean);
    if (ids.length === 0) return [];
    // one that is replaced meanwhile is left out
    const { stdout } = await run("docker", ["inspect", "--format", FORMAT, ...ids]);
    return stdout
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const [name = "", running, health = "", startedAt = "", paused] = line.split(" ");
        return { service: name.slice(this.deployment.name.length + 2), running: running === "true" && paused === "false", health, startedAt };
      });
  }

  /** Whether there are `count` containers, and all of them are healthy. */
  public async whole(count: number): Promise<boolean> {
    const states = await this.states();
    return states.length === count && states.every(({ running, health }) => running && (health === "healthy" || health === "none"));
  }

  public async pid(service: string): Promise<number> {
    return Number(await output("docker", "inspect", "--format", "{{.State.Pid}}", this.name(service)));
  }

  /** Kills the container's first process, as a crash would: the engine does not know why it ended. */
  public async kill(service: string): Promise<void> {
    process.kill(await this.pid(service), "SIGKILL");
  }

  public async docker(verb: "stop" | "start" | "pause" | "unpause", service: string): Promise<void> {
    await output("docker", verb, this.name(service));
  }

  /** Fills the memory of a container until the kernel ends its largest process, which is its own and not the one that fills. */
  public async exhaustMemory(service: string): Promise<void> {
    const { stdout } = await run("docker", ["top", this.name(service), "-eo", "pid,rss"]);
    const processes = stdout.split("\n").slice(1).map((line) => line.trim().split(/\s+/).map(Number)); // biome-ignore format: one thought
    const [largest = 0] = processes.toSorted(([, a = 0], [, b = 0]) => b - a)[0] ?? [];
    writeFileSync(`/proc/${largest}/oom_score_adj`, "1000");
    // two that take more and more memory: one alone would hold as much as the kernel adds to the score of the other
    await run("docker", ["exec", this.name(service), "sh", "-c", "tail /dev/zero & exec tail /dev/zero"], { seconds: 30 });
  }

  /** Takes the container's network interfaces down; returns a function that restores them. */
  public async unplug(service: string): Promise<() => Promise<void>> {
    const inside = ["-t", `${await this.pid(service)}`, "-n", "ip"];
    const links = [...(await output("nsenter", ...inside, "-o", "link", "show")).matchAll(/^\d+: (eth\d+)/gm)].map(([, link = ""]) => link);
    const gateways = (await output("nsenter", ...inside, "route", "show", "default")).split("\n").filter(Boolean);
    for (const link of links) await output("nsenter", ...inside, "link", "set", link, "down");
    return async () => {
      for (const link of links) await output("nsenter", ...inside, "link", "set", link, "up");
      for (const gateway of gateways) await run("nsenter", [...inside, "route", "add", ...gateway.trim().split(/\s+/)]);
    };
  }

  private name(service: string): string {
    return this.deployment.container(service);
  }
}
