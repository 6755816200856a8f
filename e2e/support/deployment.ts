import { type ChildProcess, type SpawnSyncReturns, spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Summary } from "../../lib/operations/summary";
import { runSync, within } from "./bounded";
import { imagesHere } from "./images";
import { E2E_DOCKER_HOST, E2E_TERRAFORM } from "./needs";

/** Longest that a command of the repository takes: an import or a restore of gigabytes on a slow machine. */
const COMMAND_SECONDS = 1800;
const ROOT = join(__dirname, "..", "..");
const RUN = join(ROOT, "lib", "cli", "bin.js");
/** Where the environments of the tests lie; git does not see it. */
export const WORK = join(ROOT, "e2e", ".work");

/** What an engine has of an environment, in the order in which it can be removed, and the options of `rm`. */
const REMOVAL: Readonly<Record<string, readonly string[]>> = { container: ["--force", "--volumes"], volume: ["--force"], network: [] };

/** What sets one deployed environment apart from the others on the same engine. */
export interface Place {
  readonly name: string;
  readonly http: number;
  readonly https: number;
  /** Second byte of its networks: `10.<subnets>.1.0/26`, and `.2` and `.3`. */
  readonly subnets: number;
  /**
   * Script that runs a command of the repository, with something on top.
   * @default - the commands as they are
   */
  readonly entry?: string;
  /**
   * The engine, as `docker.host` of the environment.
   * @default - the one of the level
   */
  readonly host?: string;
  /**
   * Words before each command, which make it run on another machine.
   * @default - it runs on this one
   */
  readonly within?: readonly string[];
}

/** One environment on a real engine: `local` under another name, beside whatever else the engine has. */
export class Deployment {
  public readonly name: string;
  public readonly http: number;
  public readonly https: number;
  /** Variables of its commands, beside those of the test. */
  public variables: Readonly<Record<string, string>> = {};

  constructor(private readonly place: Place) {
    this.name = place.name;
    this.http = place.http;
    this.https = place.https;
  }

  /** Writes the environment; `more` takes the place of whole blocks. */
  public write(more: Readonly<Record<string, unknown>> = {}): void {
    const { name, http, https, subnets, host = E2E_DOCKER_HOST } = this.place;
    const { overrides } = imagesHere();
    mkdirSync(WORK, { recursive: true });
    const environment = {
      domain: "wiki.localhost",
      ports: { address: "127.0.0.1", http, https },
      networks: { proxy: `10.${subnets}.1.0/26`, backend: `10.${subnets}.2.0/26`, database: `10.${subnets}.3.0/26` },
      protectData: false,
      wiki: { admin: { email: "first@wiki.localhost" } },
      users: [{ name: "demo", displayName: "Demo", email: "demo@wiki.localhost", groups: ["admin"] }],
      // with the wiki's own form: single sign-on has a separate test
      signOn: { breakGlass: true },
      // measured by a separate test
      monitoring: { enabled: false },
      images: overrides,
      ...(host === undefined ? {} : { docker: { host } }),
      ...(E2E_TERRAFORM === undefined ? {} : { terraform: E2E_TERRAFORM }),
      ...more,
    };
    writeFileSync(join(WORK, `${name}.yaml`), JSON.stringify(environment, null, 2));
  }

  /** A child gets the variables of jest's own process otherwise, not those that a test has set. */
  private get environment(): NodeJS.ProcessEnv {
    return { ...process.env, ...this.variables };
  }

  /** Runs a command of the repository to its end. */
  public command(name: string, ...args: readonly string[]): SpawnSyncReturns<string> {
    const [program = "", ...argv] = this.commandArgs(name, args);
    return runSync(program, argv, { cwd: ROOT, seconds: COMMAND_SECONDS, env: this.environment });
  }

  /** Runs a command that has to succeed; what it printed. */
  public must(name: string, ...args: readonly string[]): string {
    return succeeded(this.command(name, ...args));
  }

  /** Runs a command that asks `address` for names; needs root. */
  public askingAt(address: string, name: string, ...args: readonly string[]): SpawnSyncReturns<string> {
    const file = join(WORK, `${this.name}-resolv.conf`);
    writeFileSync(file, `nameserver ${address}\n`);
    const argv = ["--mount", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"', file, ...this.commandArgs(name, args)];
    return runSync("unshare", argv, { cwd: ROOT, seconds: COMMAND_SECONDS });
  }

  /** Runs a command that reads `input`. */
  public commandWith(input: string, name: string, ...args: readonly string[]): SpawnSyncReturns<string> {
    const [program = "", ...argv] = this.commandArgs(name, args);
    return runSync(program, argv, { cwd: ROOT, input, seconds: COMMAND_SECONDS });
  }

  /** Runs a command while the test goes on. */
  public commandInBackground(name: string, ...args: readonly string[]): Promise<{ status: number; output: string }> {
    const [program = "", ...argv] = this.commandArgs(name, args);
    const child = spawn(program, argv, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], env: this.environment });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    const end = new Promise<{ status: number; output: string }>((resolve) => child.on("close", (code) => resolve({ status: code ?? 1, output })));
    return within(COMMAND_SECONDS, `the end of ${name} ${this.name}`, end).finally(() => child.kill("SIGKILL"));
  }

  /** Starts a command in a process group of its own, as a terminal has it that is closed, or a host that goes down. */
  public start(name: string, ...args: readonly string[]): ChildProcess {
    const [program = "", ...argv] = this.commandArgs(name, args);
    return spawn(program, argv, { cwd: ROOT, detached: true, stdio: "ignore", env: this.environment });
  }

  /** Name of a container. */
  public container(service: string): string {
    return `${this.name}-${service}`;
  }

  public summary(): Summary {
    return JSON.parse(succeeded(this.command("start", "--json")));
  }

  /** Ids of the containers that run, by name. */
  public containerIds(): Record<string, string> {
    const lines = this.docker("ps", "--no-trunc", "--filter", `label=secure-bookstack.namespace=${this.name}`, "--format", "{{.Names}} {{.ID}}").split("\n");
    return Object.fromEntries(lines.map((line) => line.split(" ") as [string, string]));
  }

  /** Everything on the engine whose name says that it belongs to the environment. */
  public onEngine(): string[] {
    const named = [
      ...this.docker("ps", "--all", "--format", "container {{.Names}}").split("\n"),
      ...this.docker("volume", "ls", "--format", "volume {{.Name}}").split("\n"),
      ...this.docker("network", "ls", "--format", "network {{.Name}}").split("\n"),
    ].filter((line) => line.split(" ")[1]?.startsWith(`${this.name}-`));
    return named.sort();
  }

  /** Removes what a run left on the engine, at once: `destroy`, which stops each service gracefully, has separate tests. */
  public clean(): void {
    this.write();
    for (const [kind, options] of Object.entries(REMOVAL)) {
      const left = this.onEngine().filter((thing) => thing.startsWith(`${kind} `));
      // a container has volumes without a name, too
      if (left.length > 0) this.docker(kind, "rm", ...options, ...left.map((thing) => thing.slice(kind.length + 1)));
    }
    for (const ending of ["", ".backup", ".applied", ".upgrade", ".upgrade-before", ".move", ".move-before", ".command", ".restore"])
      rmSync(`${this.stateFile()}${ending}`, { force: true });
  }

  public stateFile(): string {
    return join(ROOT, `terraform.${this.name}.tfstate`);
  }

  public stackDirectory(): string {
    return join(ROOT, "cdktf.out", "stacks", this.name);
  }

  /** Words of a command as they are typed. */
  public line(command: string, ...args: readonly string[]): string[] {
    const { entry } = this.place;
    const script = entry === undefined ? [RUN] : ["--require", "tsx/cjs", entry];
    return [process.execPath, ...script, command, this.name, ...args, "--environments", WORK];
  }

  private commandArgs(command: string, args: readonly string[]): string[] {
    return [...(this.place.within ?? []), ...this.line(command, ...args)];
  }

  /** What a docker command prints on the engine of the environment. */
  private docker(...args: readonly string[]): string {
    const { host } = this.place;
    return docker(...(host === undefined ? [] : ["--host", host]), ...args);
  }
}

/** Kills a command with everything that it started; it must not have ended. */
export async function killGroup(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("close", resolve));
  process.kill(-(child.pid ?? 0), "SIGKILL");
  await within(60, "the end of a command that was killed", ended);
}

/** Fails with all output of the command if it did not succeed. */
export function succeeded({ status, stdout, stderr }: SpawnSyncReturns<string>): string {
  if (status !== 0) throw new Error(`exit code ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

/** What a docker command prints; it has to succeed. */
export function docker(...args: readonly string[]): string {
  return succeeded(runSync("docker", args)).trim();
}

/** Waits until `done` gives true, at most `seconds`, even if one of its answers never comes. */
export async function until(done: () => boolean | Promise<boolean>, seconds: number, what: string): Promise<void> {
  let over = false;
  const wait = async () => {
    while (!over && !(await done())) await new Promise((resolve) => setTimeout(resolve, 500));
  };
  try {
    await within(seconds, what, wait());
  } finally {
    over = true;
  }
}

export function healthy(name: string): boolean {
  return docker("inspect", "--format", "{{.State.Health.Status}}", name) === "healthy";
}
