import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { describeUnless } from "../__tests__/support/needs";
import { ContainerImage } from "../constructs/docker/image";
import { Terraform } from "../lib/clients/terraform/terraform";
import type { Outcome } from "../lib/operations/verify/check";
import { chooseDockerProvider, DOCKER_PROVIDERS, type DockerProviderMajor } from "../lib/stack/docker-provider";
import { engineInfo, engineLine, record } from "./support/compatibility";
import { Deployment, succeeded, until } from "./support/deployment";
import { EngineFromPrograms, missingForEngines } from "./support/engine-programs";
import { imageOf } from "./support/images";
import { DOCKER_HOST, E2E_ENGINES, E2E_PROVIDER, E2E_TERRAFORM } from "./support/needs";

/** The engines on which the base deployment runs: that of the level, or each that is started from a directory of programs. */
const ENGINES = E2E_ENGINES.length === 0 ? [undefined] : E2E_ENGINES;
const RECORD = process.env.E2E_RECORD;
/** The rest of the level deploys on its engine, too. */
const unasked = RECORD === undefined && E2E_ENGINES.length === 0 ? "neither E2E_ENGINES nor --record is given" : undefined;
const PROVIDER = Number(E2E_PROVIDER ?? 3) as DockerProviderMajor;
const UPLOADS = "/var/www/bookstack/storage/uploads";

describe.each(ENGINES.map((programs) => [programs ?? "the engine of the level", programs]))("%s", (name, programs) => {
  describeUnless(unasked ?? (programs === undefined ? undefined : missingForEngines()), name, () => baseDeployment(programs));
});

/** Everything that an engine, a tool or a provider can break, on one of each. */
function baseDeployment(programs: string | undefined): void {
  const place = mkdtempSync(join(tmpdir(), "compatibility-"));
  const engine = programs === undefined ? undefined : new EngineFromPrograms(programs);
  const host = engine?.host ?? DOCKER_HOST;
  const wiki = new Deployment({ name: "cmp", http: 18_118, https: 18_468, subnets: 225, host, ...(engine && { within: engine.within }) });
  const steps: Record<string, string> = {};
  const docker = (...args: readonly string[]) => spawnSync("docker", ["--host", host, ...args], { encoding: "utf8", maxBuffer: 2 ** 26 });
  const must = (...args: readonly string[]) => succeeded(docker(...args)).trim();
  const tool = () => Terraform.find(place, E2E_TERRAFORM);

  /** A test whose end is part of the row. */
  function step(name: string, run: () => unknown, missing?: string): void {
    if (missing !== undefined) {
      steps[name] = `skipped: ${missing}`;
      test.skip(name, run as () => void);
      return;
    }
    // a step that is interrupted or never reached has not passed
    steps[name] = "failed";
    test(name, async () => {
      await run();
      steps[name] = "passed";
    });
  }

  const planIsEmpty = () => {
    const { status, stdout, stderr } = wiki.command("plan", "--detailed-exitcode");
    expect({ status, stdout, stderr }).toMatchObject({ status: 0 });
  };
  const healthyServices = () => must("ps", "--filter", "label=secure-bookstack.namespace=cmp", "--filter", "health=healthy", "--format", "{{.Names}}");
  const volumes = () => must("volume", "ls", "--quiet").split("\n").sort();
  const inWiki = (script: string) => must("exec", wiki.container("bookstack"), "sh", "-c", script);

  beforeAll(async () => {
    await engine?.create();
    wiki.clean();
    // behind the portal, as `verify` wants it
    wiki.write({ signOn: {}, providers: { docker: PROVIDER } });
    engine?.load([...new Set([...wiki.summary().containers.map(({ image }) => image), imageOf("bookstack")])]);
    const { system, ...about } = engineInfo(host);
    process.stderr.write(`${engineLine(about)}\n`);
  });

  afterAll(async () => {
    if (RECORD !== undefined) writeRow(RECORD);
    wiki.clean();
    await engine?.remove();
    rmSync(place, { recursive: true });
  });

  step("deploy", () => {
    expect(wiki.must("deploy")).toContain("Every container is healthy.");
  });

  step("second plan empty", planIsEmpty);

  step("own image", () => {
    const first = stackWithImage("one");
    expect(first.apply()).toBe(0);
    expect(must("image", "ls", "--quiet", first.reference)).not.toBe("");
    expect(stackWithImage("one").plan()).toBe(0);
    const changed = stackWithImage("two");
    expect(changed.apply()).toBe(0);
    expect(must("run", "--rm", "--network=none", "--entrypoint=cat", changed.reference, "/text")).toBe("two");
  });

  step("restore", () => {
    inWiki(`echo kept > ${UPLOADS}/kept.txt`);
    wiki.must("backup");
    inWiki(`rm ${UPLOADS}/kept.txt`);
    const before = volumes();
    wiki.must("restore", "--yes");
    expect(inWiki(`cat ${UPLOADS}/kept.txt`)).toBe("kept");
    expect(volumes().filter((name) => !before.includes(name))).toEqual([]);
    planIsEmpty();
  });

  step("verify", async () => {
    // a restore starts the backup last
    await until(
      () => docker("inspect", "--format={{.State.Health.Status}}", wiki.container("backup")).stdout.trim() === "healthy",
      120,
      "the backup is healthy",
    );
    const { stdout } = wiki.command("verify", "--json");
    const checks: readonly Outcome[] = JSON.parse(stdout).checks;
    const others = checks.filter(({ result }) => result !== "ok" && result !== "skipped");
    // the backup of the step before was not restored for a test yet
    expect(others).toEqual([expect.objectContaining({ name: "backup-drill", result: "unknown" })]);
  });

  const restart = process.env.E2E_RESTART_ENGINE;
  step(
    "restart of the engine",
    async () => {
      const services = wiki.summary().containers.flatMap(({ name, kind }) => (kind === "service" ? [name] : []));
      if (engine !== undefined) await engine.restart();
      else succeeded(spawnSync("sh", ["-c", restart ?? ""], { encoding: "utf8" }));
      await until(() => docker("version").status === 0, 120, "the engine answers");
      await until(() => healthyServices().split("\n").sort().join() === services.sort().join(), 240, "every container healthy after the engine");
      planIsEmpty();
    },
    engine === undefined && restart === undefined ? "E2E_RESTART_ENGINE is not set" : undefined,
  );

  step("destroy", () => {
    wiki.must("destroy", "--with-data", wiki.name);
    expect(wiki.onEngine()).toEqual([]);
  });

  /** An image of our own, built as those of Traefik, CrowdSec and the backup are, from an image that the engine has. */
  function stackWithImage(text: string) {
    mkdirSync(join(place, "context"), { recursive: true });
    writeFileSync(join(place, "context", "Dockerfile"), "ARG FROM\nFROM $FROM\nUSER 0:0\nCOPY text /text\nRUN test -s /text\n");
    writeFileSync(join(place, "context", "text"), text);
    const app = new App({ outdir: join(place, "out") });
    const stack = new TerraformStack(app, "image");
    new LocalBackend(stack, { path: join(place, "terraform.tfstate") });
    new DockerProvider(stack, "Docker", { host });
    const build = { directory: join(place, "context"), args: { FROM: imageOf("traefik") } };
    const { reference } = new ContainerImage(stack, "Image", { reference: "secure-bookstack/compatibility:1", build });
    chooseDockerProvider(stack, PROVIDER);
    app.synth();
    const directory = join(place, "out", "stacks", "image");
    const terraform = Terraform.find(directory, E2E_TERRAFORM);
    terraform.init();
    const bare = (...args: readonly string[]) =>
      spawnSync(terraform.binary, [...args, "-input=false", "-no-color"], { cwd: directory, encoding: "utf8", env: { ...process.env } });
    return {
      reference,
      apply: () => exitCode(bare("apply", "-auto-approve")),
      plan: () => exitCode(bare("plan", "-detailed-exitcode")),
    };
  }

  function exitCode({ status, stdout, stderr }: ReturnType<typeof docker>): number | null {
    if (status === 1) process.stderr.write(`${stdout}${stderr}`);
    return status;
  }

  function writeRow(file: string): void {
    const { system, ...about } = engineInfo(host);
    const { stdout } = spawnSync(tool().binary, ["version", "-json"], { encoding: "utf8" });
    const isTofu = /^OpenTofu/.test(spawnSync(tool().binary, ["version"], { encoding: "utf8" }).stdout);
    const { name, version } = JSON.parse(readFileSync(require.resolve("cdktf/package.json"), "utf8"));
    record(
      {
        date: new Date().toISOString().slice(0, 10),
        engine: about,
        system,
        tool: `${isTofu ? "OpenTofu" : "Terraform"} ${JSON.parse(stdout).terraform_version}`,
        framework: `${name} ${version}`,
        provider: DOCKER_PROVIDERS[PROVIDER],
        steps,
      },
      file,
    );
  }
}
