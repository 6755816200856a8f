import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Deployment, docker } from "./deployment";

const SCRIPT = join(__dirname, "flood.php");

/** One kind of flood; see `flood.php`. */
export interface Flood {
  readonly kind: string;
  readonly host: string;
  readonly path: string;
  /** Requests or connections of each attacker. */
  readonly count: number;
  /** Longest that it lasts. */
  readonly seconds: number;
  /** Addresses that it comes from. */
  readonly attackers: number;
}

/** How requests of one kind were answered → how many. */
export type Answers = Readonly<Record<string, number>>;

/** Attackers in separate containers on Traefik's network, each with its own address. */
export class Attack {
  private readonly names: readonly string[];

  constructor(
    private readonly place: {
      readonly deployment: Deployment;
      readonly network: string;
      readonly subnet: string;
      readonly edge: string;
      readonly image: string;
    },
  ) {
    this.names = Array.from({ length: 9 }, (_, index) => `${place.deployment.name}-attacker-${index}`);
  }

  /** Runs a flood to its end; what each attacker saw. */
  public async run({ kind, host, path, count, seconds, attackers }: Flood): Promise<Answers[]> {
    const { deployment, network, subnet, edge, image } = this.place;
    const runs = this.names.slice(0, attackers).map((name, index) => {
      const container = ["--rm", "--name", name, "--network", network, "--ip", `${subnet}.${40 + index}`, "--volume", `${SCRIPT}:/flood.php:ro`];
      const bounded = ["--memory", "512m", "--ulimit", "nofile=4096", "--user", "65534:65534", "--entrypoint", "php", image, "-d", "memory_limit=400M"];
      const args = ["/flood.php", kind, edge, `${deployment.https}`, host, path, `${count}`, `${seconds}`];
      return ended(spawn("docker", ["run", ...container, ...bounded, ...args], { stdio: ["ignore", "pipe", "inherit"] }));
    });
    return (await Promise.all(runs)).map((text) => JSON.parse(text.trim().split("\n").at(-1) ?? "{}"));
  }

  public remove(): void {
    spawnSync("docker", ["rm", "--force", ...this.names], { stdio: "ignore" });
  }
}

function ended(child: ChildProcess): Promise<string> {
  let text = "";
  child.stdout?.on("data", (chunk) => (text += chunk));
  return new Promise((resolve, reject) => {
    child.on("close", (code) => (code === 0 ? resolve(text) : reject(new Error(`an attacker ended with ${code}: ${text}`))));
  });
}

/** The share of its memory that each of `containers` has used at most while `work` went on. */
export async function memoryDuring<T>(containers: readonly string[], work: () => Promise<T>): Promise<{ result: T; shares: Readonly<Record<string, number>> }> {
  const shares: Record<string, number> = {};
  const child = spawn("docker", ["stats", "--format", "{{.Name}} {{.MemPerc}}", ...containers], { stdio: ["ignore", "pipe", "ignore"] });
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    // by name: between the lines there are codes for a terminal
    for (const name of containers) {
      for (const [, percent] of text.matchAll(new RegExp(`${name} ([\\d.]+)%`, "g"))) shares[name] = Math.max(shares[name] ?? 0, Number(percent));
    }
  });
  try {
    const result = await work();
    // one more look, which no buffer holds back
    for (const line of docker("stats", "--no-stream", "--format", "{{.Name}} {{.MemPerc}}", ...containers).split("\n")) {
      const [name = "", percent = ""] = line.split(" ");
      shares[name] = Math.max(shares[name] ?? 0, Number.parseFloat(percent));
    }
    return { result, shares };
  } finally {
    // it does not end by SIGTERM, and the test would wait for it
    child.kill("SIGKILL");
  }
}

/** What a container has been through: when it started, how often it did, and whether it was killed for its memory. */
export function life(container: string): string {
  return docker("inspect", "--format", "{{.State.StartedAt}} {{.RestartCount}} {{.State.OOMKilled}}", container);
}
