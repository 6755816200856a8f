import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { imagesHere } from "./images";

const ROOT = join(__dirname, "..", "..");
const RUN = join(ROOT, "lib", "commands", "run.js");
const WORK = join(ROOT, "e2e", ".work");

export interface TrialProps {
  /** Names of everything on the engine begin with it. */
  readonly name: string;
  /** Start of the addresses of its networks: `10.212`. */
  readonly prefix: string;
  readonly http: number;
  readonly https: number;
}

/** One environment on the engine, beside whatever else it has. */
export class Trial {
  public readonly name: string;

  constructor(private readonly props: TrialProps) {
    this.name = props.name;
  }

  /** Writes its environment file: `local` with `settings`. */
  public write(settings: object = {}): void {
    const { prefix, http, https } = this.props;
    const [proxy, backend, database] = [1, 2, 3].map((net) => `${prefix}.${net}.0/26`);
    const environment = {
      domain: "wiki.localhost",
      ports: { address: "127.0.0.1", http, https },
      networks: { proxy, backend, database },
      protectData: false,
      wiki: { admin: { email: "first@wiki.localhost" } },
      images: imagesHere().overrides,
      ...settings,
    };
    mkdirSync(WORK, { recursive: true });
    writeFileSync(join(WORK, `${this.name}.yaml`), stringify(environment));
  }

  /** Runs a command of the repository to its end. */
  public command(command: string, ...args: readonly string[]): SpawnSyncReturns<string> {
    return spawnSync(process.execPath, [RUN, command, this.name, "--environments", WORK, ...args], { cwd: ROOT, encoding: "utf8", maxBuffer: 64 * 2 ** 20 });
  }

  /** Runs a command that has to succeed; what it printed. */
  public must(command: string, ...args: readonly string[]): string {
    return succeeded(this.command(command, ...args));
  }

  /** Name of a container. */
  public container(service: string): string {
    return `${this.name}-${service}`;
  }

  public get stateFile(): string {
    return join(ROOT, `terraform.${this.name}.tfstate`);
  }

  public get stackDirectory(): string {
    return join(ROOT, "cdktf.out", "stacks", this.name);
  }

  /** Takes it down with its data, and whatever an earlier run may have left. */
  public clean(): void {
    succeeded(this.command("destroy", "--with-data", this.name));
    for (const kind of ["container", "volume", "network"] as const) {
      const list = kind === "container" ? ["ps", "--all"] : [kind, "ls"];
      const names = docker(...list, "--filter", `label=secure-bookstack.namespace=${this.name}`, "--format", kind === "container" ? "{{.Names}}" : "{{.Name}}");
      for (const name of names.split("\n").filter((found) => found !== "")) docker(kind, "rm", "--force", name);
    }
    for (const ending of ["", ".backup"]) rmSync(`${this.stateFile}${ending}`, { force: true });
  }
}

/** What a docker command prints; it has to succeed. */
export function docker(...args: readonly string[]): string {
  return succeeded(spawnSync("docker", args, { encoding: "utf8", maxBuffer: 256 * 2 ** 20 })).trim();
}

function succeeded({ status, stdout, stderr }: SpawnSyncReturns<string>): string {
  if (status !== 0) throw new Error(`exit code ${status}\n${stdout}\n${stderr}`);
  return stdout;
}
