import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Summary } from "../../lib/report/summary";
import { imagesHere } from "./images";

const ROOT = join(__dirname, "..", "..");
const RUN = join(ROOT, "lib", "commands", "run.js");
/** Where the environment of the test lies; git does not see it. */
export const WORK = join(ROOT, "e2e", ".work");
/** Names, subnets and ports of its own: a run goes beside whatever else the engine has. */
export const NAME = "e2e";
export const HTTP = 18_081;
export const HTTPS = 18_443;
export const HOST = "bookstack.wiki.localhost";

export interface Settings {
  readonly uploadLimit?: string;
  readonly slowQuery?: string;
}

/** Writes the environment of the test: `local`, under another name. */
export function writeEnvironment({ uploadLimit = "50M", slowQuery = "1s" }: Settings = {}): void {
  const { overrides } = imagesHere();
  mkdirSync(WORK, { recursive: true });
  const environment = {
    domain: "wiki.localhost",
    ports: { address: "127.0.0.1", http: HTTP, https: HTTPS },
    networks: { proxy: "10.213.1.0/26", backend: "10.213.2.0/26", database: "10.213.3.0/26" },
    protectData: false,
    wiki: { admin: { email: "first@wiki.localhost" }, uploadLimit },
    database: { slowQuery },
    images: overrides,
  };
  writeFileSync(join(WORK, `${NAME}.yaml`), JSON.stringify(environment, null, 2));
}

/** Runs a command of the repository to its end. */
export function command(name: string, ...args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [RUN, name, NAME, "--environments", WORK, ...args], { cwd: ROOT, encoding: "utf8", maxBuffer: 64 * 2 ** 20 });
}

/** Runs a command while the test goes on. */
export function commandInBackground(name: string, ...args: readonly string[]): Promise<{ status: number; output: string }> {
  const child = spawn(process.execPath, [RUN, name, NAME, "--environments", WORK, ...args], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  return new Promise((resolve) => child.on("close", (code) => resolve({ status: code ?? 1, output })));
}

/** Fails with everything the command said when it did not succeed. */
export function succeeded({ status, stdout, stderr }: SpawnSyncReturns<string>): string {
  if (status !== 0) throw new Error(`exit code ${status}\n${stdout}\n${stderr}`);
  return stdout;
}

export function summary(): Summary {
  return JSON.parse(succeeded(command("start", "--json")));
}

/** What a docker command prints; it has to succeed. */
export function docker(...args: readonly string[]): string {
  return succeeded(spawnSync("docker", args, { encoding: "utf8", maxBuffer: 256 * 2 ** 20 })).trim();
}

/** Ids of the containers that run, by name. */
export function containerIds(): Record<string, string> {
  const lines = docker("ps", "--no-trunc", "--filter", `label=secure-bookstack.namespace=${NAME}`, "--format", "{{.Names}} {{.ID}}").split("\n");
  return Object.fromEntries(lines.map((line) => line.split(" ") as [string, string]));
}

/** Everything on the engine whose name or label says that it belongs to the test. */
export function onEngine(): string[] {
  const named = [
    ...docker("ps", "--all", "--format", "container {{.Names}}").split("\n"),
    ...docker("volume", "ls", "--format", "volume {{.Name}}").split("\n"),
    ...docker("network", "ls", "--format", "network {{.Name}}").split("\n"),
  ].filter((line) => line.split(" ")[1]?.startsWith(`${NAME}-`));
  return named.sort();
}

/** Takes away what an earlier run may have left. */
export function clean(): void {
  writeEnvironment();
  succeeded(command("destroy", "--with-data", NAME));
  for (const thing of onEngine()) {
    const [kind = "", name = ""] = thing.split(" ");
    docker(kind, "rm", "--force", name);
  }
  for (const ending of ["", ".backup"]) rmSync(join(ROOT, `terraform.${NAME}.tfstate${ending}`), { force: true });
}

export function stateFile(): string {
  return join(ROOT, `terraform.${NAME}.tfstate`);
}

export function stackDirectory(): string {
  return join(ROOT, "cdktf.out", "stacks", NAME);
}

/** Waits until `done` gives true, at most `seconds`. */
export async function until(done: () => boolean | Promise<boolean>, seconds: number, what: string): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

export function healthy(name: string): boolean {
  return docker("inspect", "--format", "{{.State.Health.Status}}", name) === "healthy";
}
