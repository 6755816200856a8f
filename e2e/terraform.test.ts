import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Terraform } from "../lib/clients/terraform/terraform";
import { parseEnvironment } from "../lib/environment/load";
import type { Environment } from "../lib/environment/schema";
import { buildApplication } from "../lib/stack/application";
import { DOCKER_HOST, E2E_TERRAFORM, missingProvider } from "./support/needs";

const ROOT = join(__dirname, "..");
const CLI = "cdktf-cli@0.21.0";

let place: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "secure-bookstack-"));
});

afterEach(() => {
  rmSync(place, { recursive: true });
});

/** An environment that comes with the repository, for an engine that is here. */
function shipped(file: string, name: string): Environment {
  const text = readFileSync(join(ROOT, "environments", file), "utf8");
  return { ...parseEnvironment(name, text, file), production: false, docker: { host: DOCKER_HOST } };
}

/** The folder of the one stack, copied alone to an empty place, as a remote run sees it. */
function stackFolder(environment: Environment): string {
  const outdir = join(place, "out");
  mkdirSync(outdir);
  buildApplication([environment], { outdir }).app.synth();
  const alone = join(place, "a", "b", "c");
  cpSync(join(outdir, "stacks", environment.name), alone, { recursive: true });
  rmSync(outdir, { recursive: true });
  return alone;
}

function terraform(directory: string, ...args: readonly string[]): { status: number | null; text: string } {
  return terraformWith({}, directory, ...args);
}

function terraformWith(variables: NodeJS.ProcessEnv, directory: string, ...args: readonly string[]): { status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(Terraform.find(directory, E2E_TERRAFORM).binary, [...args, "-no-color"], {
    cwd: directory,
    encoding: "utf8",
    env: { ...process.env, ...variables },
    maxBuffer: 64 * 2 ** 20,
  });
  return { status, text: stdout + stderr };
}

/** Terraform's plan for the stack of `environment`, after successful `init` and `validate`. */
function planned(environment: Environment, variables: NodeJS.ProcessEnv = {}): string {
  const directory = stackFolder(environment);
  expect(terraform(directory, "init", "-input=false")).toMatchObject({ status: 0 });
  expect(terraform(directory, "validate")).toEqual({ status: 0, text: expect.stringContaining("The configuration is valid") });
  const plan = terraformWith(variables, directory, "plan", "-input=false", "-lock=false", "-detailed-exitcode");
  expect([plan.status, plan.text]).toEqual([2, expect.stringMatching(/Plan: \d+ to add, 0 to change, 0 to destroy/)]);
  return plan.text;
}

describe("the stack, alone in an empty place", () => {
  test("of local initializes, is valid, and plans nothing but new things, none of them at Cloudflare", () => {
    expect(planned(shipped("local.yaml", "local"))).not.toContain("cloudflare");
  });

  const missing = missingProvider("cloudflare/cloudflare", "5.14.0");
  if (missing !== undefined) process.stderr.write(`skipped: the example for production, ${missing}\n`);

  (missing === undefined ? test : test.skip)(
    "of the example for production plans records for its names, and the token comes from the environment alone",
    async () => {
      const environment = shipped("production.example.yaml", "production");
      const token = "Canary".repeat(7);
      const standIn = spawn(process.execPath, [join(__dirname, "support", "cloudflare-stand-in.js"), environment.dns.zone ?? ""], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      try {
        const port = await new Promise<string>((resolve) => standIn.stdout.once("data", (chunk) => resolve(String(chunk).trim())));
        const plan = planned(environment, { CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_BASE_URL: `http://127.0.0.1:${port}/client/v4` });
        const types = [...plan.matchAll(/resource "cloudflare_dns_record"[\s\S]*?\btype +=\s"(\w+)"/g)].map(([, type]) => type);
        expect([...types].sort()).toEqual(["A", "A", "A", "AAAA", "AAAA", "AAAA", "CAA", "CAA", "CAA"]);
        expect(plan).toMatch(/"letsencrypt\.org"/);
        expect(plan).not.toContain(token);
      } finally {
        standIn.kill();
      }
    },
  );
});

describe("a stack with its state in a workspace", () => {
  const cloud = { backend: "cloud", organization: "example", workspace: "wiki-production", project: "wikis" } as const;
  const inWorkspace = (more: object) => {
    const directory = stackFolder({ ...shipped("local.yaml", "local"), state: cloud, ...more });
    expect(terraform(directory, "init", "-backend=false", "-input=false")).toMatchObject({ status: 0 });
    return directory;
  };

  test("is valid, alone in an empty place, with secrets and certificates as variables", () => {
    const directory = inWorkspace({
      docker: { host: "tcp://203.0.113.10:2376" },
      secrets: { variables: true, version: 1 },
      mail: { host: "smtp.example.com", port: 587, user: "wiki", from: "wiki@example.com" },
    });
    expect(readFileSync(join(directory, "cdk.tf.json"), "utf8")).toMatch(/"ephemeral": true/);
    expect(terraform(directory, "validate")).toEqual({ status: 0, text: expect.stringContaining("The configuration is valid") });
  });

  /** What Terraform says of the block when it goes to the workspace: `validate` does not look into it. */
  const initialized = (change: (text: string) => string) => {
    const directory = stackFolder({ ...shipped("local.yaml", "local"), state: { ...cloud, hostname: "terraform.example.com" } });
    const file = join(directory, "cdk.tf.json");
    const text = change(readFileSync(file, "utf8"));
    rmSync(file);
    spawnSync("tee", [file], { input: text, stdio: ["pipe", "ignore", "inherit"] });
    return terraformWith({ TF_TOKEN_terraform_example_com: "none" }, directory, "init", "-input=false");
  };

  test("goes to the host that is named, with a block that Terraform understands", () => {
    const { status, text } = initialized((same) => same);
    expect([status, text]).toEqual([1, expect.stringMatching(/terraform\.example\.com/)]);
    expect(text).not.toMatch(/Unsupported|Invalid .*argument/);
  });

  test("would be refused with another block", () => {
    const { status, text } = initialized((written) => written.replace('"organization"', '"organisation"'));
    expect([status, text]).toEqual([1, expect.stringMatching(/organisation/)]);
  });
});

test("validation is one that can fail", () => {
  const directory = stackFolder(shipped("local.yaml", "local"));
  const file = join(directory, "cdk.tf.json");
  const broken = readFileSync(file, "utf8").replaceAll('"read_only": true', '"read_onyl": true');
  rmSync(file);
  spawnSync("tee", [file], { input: broken, stdio: ["pipe", "ignore", "inherit"] });
  expect(terraform(directory, "init", "-input=false").status).toBe(0);
  expect(terraform(directory, "validate")).toEqual({ status: 1, text: expect.stringContaining("read_onyl") });
});

describe("the cdktf command line", () => {
  const available = spawnSync("npx", ["--yes", CLI, "--version"], { encoding: "utf8", timeout: 300_000 }).status === 0;
  if (!available) process.stderr.write(`skipped: ${CLI} cannot be had here\n`);
  const RUNS = 3;

  (available ? test : test.skip)("synthesizes the same stack, and our own way takes at most half as long", () => {
    const outputs = ["ours", "theirs"].map((name) => join(place, name));
    const [ours = "", theirs = ""] = outputs;
    const own = () => seconds(process.execPath, ["lib/cli/cdktf.js"], ours);
    const cli = () => seconds("npx", ["--yes", CLI, "synth", "--output", theirs], theirs);
    const times = { main: median(Array.from({ length: RUNS }, own)), cdktf: median(Array.from({ length: RUNS }, cli)) };
    process.stderr.write(`synthesis, whole process, median of ${RUNS}: ${times.main.toFixed(2)} s; by cdktf synth: ${times.cdktf.toFixed(2)} s\n`);
    const [first, other] = outputs.map((directory) => readFileSync(join(directory, "stacks", "local", "cdk.tf.json"), "utf8"));
    expect(first).toBe(other);
    expect(times.main).toBeLessThanOrEqual(times.cdktf / 2);
  });
});

function seconds(program: string, args: readonly string[], outdir: string): number {
  mkdirSync(outdir, { recursive: true });
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, CDKTF_OUTDIR: outdir, CHECKPOINT_DISABLE: "1" },
  });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}\n${stdout}\n${stderr}`);
  return (performance.now() - started) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
