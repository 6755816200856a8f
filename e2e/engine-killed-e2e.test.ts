import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeUnless } from "../__tests__/support/needs";
import { RESTART_POLICY } from "../constructs/docker/labels";
import { succeeded, until } from "./support/deployment";
import { imageOf } from "./support/images";
import { missingForSecondEngine } from "./support/second-engine";

const NAMESPACE = "sbk-engine-killed";
const IMAGE = imageOf("traefik");

/** An engine without live restore and without a network, whose process can be killed; its containers cannot reach anything. */
class KillableEngine {
  private readonly directory = mkdtempSync(join(tmpdir(), "engine-killed-"));
  private readonly socket = `unix://${join(this.directory, "docker.sock")}`;
  private process: ChildProcess | undefined;

  public docker(...args: readonly string[]) {
    return spawnSync("docker", ["--host", this.socket, ...args], { encoding: "utf8" });
  }

  public must(...args: readonly string[]): string {
    return succeeded(this.docker(...args)).trim();
  }

  public async create(image: string): Promise<void> {
    spawnSync("ip", ["netns", "delete", NAMESPACE], { stdio: "ignore" });
    execFileSync("ip", ["netns", "add", NAMESPACE]);
    await this.start();
    const copy = `docker save "$1" | docker --host "${this.socket}" load --quiet`;
    succeeded(spawnSync("sh", ["-c", copy, "sh", image], { encoding: "utf8", maxBuffer: 2 ** 26 }));
  }

  /** Starts it, again and again until it answers, as systemd does. */
  public async start(): Promise<void> {
    const places = ["data-root", "exec-root"].map((name) => `--${name}=${join(this.directory, name)}`);
    const args = [`--host=${this.socket}`, ...places, `--pidfile=${join(this.directory, "docker.pid")}`, "--bridge=none", "--iptables=false"];
    const answers = () => {
      if (this.process === undefined || this.process.exitCode !== null || this.process.signalCode !== null) {
        const log = openSync(join(this.directory, "dockerd.log"), "a");
        this.process = spawn("nsenter", [`--net=/var/run/netns/${NAMESPACE}`, "dockerd", ...args], { stdio: ["ignore", log, log] });
      }
      return this.docker("version").status === 0;
    };
    await until(answers, 120, "the engine answers");
  }

  public async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const { process } = this;
    if (process === undefined) return;
    const ended = new Promise((resolve) => process.once("exit", resolve));
    process.kill(signal);
    await ended;
  }

  public async remove(): Promise<void> {
    const containers = this.docker("ps", "--all", "--quiet").stdout?.split("\n").filter(Boolean) ?? [];
    if (containers.length > 0) this.docker("rm", "--force", ...containers);
    await this.end("SIGTERM");
    spawnSync("ip", ["netns", "delete", NAMESPACE]);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

describeUnless(missingForSecondEngine(), "an engine without live restore", () => {
  const engine = new KillableEngine();
  const states = () => engine.must("ps", "--all", "--format", "{{.Names}} {{.State}}").split("\n").sort();

  beforeAll(async () => {
    await engine.create(IMAGE);
    for (const [name, policy] of Object.entries({ service: RESTART_POLICY.service, job: RESTART_POLICY.job, "unless-stopped": "unless-stopped" })) {
      engine.must("run", "--detach", "--init", `--name=${name}`, "--network=none", `--restart=${policy}`, "--entrypoint=sleep", IMAGE, "3600");
    }
  });
  afterAll(() => engine.remove());

  test("that was killed starts the services again, and nothing else", async () => {
    await engine.end("SIGKILL");
    await engine.start();
    await until(() => states().includes("service running"), 60, "the service runs");
    // the former policy, and why it is not used
    expect(states()).toEqual(["job exited", "service running", "unless-stopped exited"]);
  });

  test("that was stopped does the same", async () => {
    await engine.end("SIGTERM");
    await engine.start();
    await until(() => states().includes("service running"), 60, "the service runs");
  });
});
