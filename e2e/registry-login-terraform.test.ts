import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { describeUnless, missingProgram } from "../__tests__/support/needs";
import { ContainerImage } from "../constructs/docker/image";
import { resolveImage } from "../lib/clients/registry/registry";
import { Terraform } from "../lib/clients/terraform/terraform";
import { dockerProvider } from "../lib/stack/provider";
import { docker } from "./support/deployment";
import { DOCKER_HOST, E2E_TERRAFORM } from "./support/needs";

const REGISTRY = "127.0.0.1:5078";
const IMAGE = `${REGISTRY}/registry-login/base:1.0`;
const BUILT = "secure-bookstack/registry-login-test";
const PASSWORD = "pull-password-of-a-test";

describeUnless(missingProgram("docker-registry") ?? missingProgram("htpasswd"), "images of a registry that needs a login", () => {
  const before = process.env.DOCKER_CONFIG;
  let place: string;
  let registry: ChildProcess;

  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), "login-"));
    for (const folder of ["data", "config", "context", "base"]) mkdirSync(join(place, folder));
    const accounts = join(place, "htpasswd");
    writeFileSync(accounts, spawnSync("htpasswd", ["-Bbn", "alice", PASSWORD]).stdout);
    const configuration = join(place, "registry.yml");
    writeFileSync(
      configuration,
      JSON.stringify({
        version: "0.1",
        storage: { filesystem: { rootdirectory: join(place, "data") } },
        http: { addr: REGISTRY },
        auth: { htpasswd: { realm: "test", path: accounts } },
      }),
    );
    registry = spawn("docker-registry", ["serve", configuration], { stdio: "ignore" });
    process.env.DOCKER_CONFIG = join(place, "config");
    for (let tries = 0; tries < 50 && !(await fetch(`http://${REGISTRY}/v2/`).catch(() => undefined)); tries += 1) await pause(100);
    writeFileSync(join(place, "base", "Dockerfile"), "FROM scratch\nCOPY Dockerfile /Dockerfile\n");
    writeFileSync(join(place, "context", "Dockerfile"), "ARG FROM\nFROM $FROM\nCOPY Dockerfile /Dockerfile\n");
    docker("build", "--quiet", "--tag", IMAGE, join(place, "base"));
    expect(
      spawnSync("docker", ["--config", join(place, "config"), "login", REGISTRY, "--username", "alice", "--password-stdin"], { input: PASSWORD }).status,
    ).toBe(0);
    docker("--config", join(place, "config"), "push", "--quiet", IMAGE);
  });

  beforeEach(() => forget());

  afterAll(() => {
    forget();
    registry.kill();
    if (before === undefined) delete process.env.DOCKER_CONFIG;
    else process.env.DOCKER_CONFIG = before;
    rmSync(place, { recursive: true });
  });

  function forget(): void {
    const images = [IMAGE, BUILT].flatMap((name) => docker("image", "ls", "--quiet", name).split("\n")).filter(Boolean);
    if (images.length > 0) docker("image", "rm", "--force", ...new Set(images));
  }

  /** A stack that pulls the image and builds another one from it, ready to apply. */
  function stack(name: string, registryLogins: string[]) {
    const app = new App({ outdir: join(place, name) });
    const made = new TerraformStack(app, name);
    const state = join(place, `${name}.tfstate`);
    new LocalBackend(made, { path: state });
    dockerProvider(made, { host: DOCKER_HOST, registryLogins });
    const pulled = new ContainerImage(made, "Pulled", { reference: IMAGE });
    const build = { directory: join(place, "context"), args: { FROM: IMAGE } };
    new ContainerImage(made, "Built", { reference: `${BUILT}:1`, build }).buildAfter(pulled);
    app.synth();
    const directory = join(place, name, "stacks", name);
    const terraform = Terraform.find(directory, E2E_TERRAFORM);
    terraform.init();
    return { terraform, directory, state };
  }

  test("are pulled and built from, and neither state nor configuration has the login", async () => {
    const { terraform, directory, state } = stack("login", [REGISTRY]);
    expect(await terraform.change("apply", [], () => undefined)).toBe(0);
    expect(docker("image", "ls", "--quiet", BUILT)).not.toBe("");
    for (const file of [state, join(directory, "cdk.tf.json")]) {
      const text = readFileSync(file, "utf8");
      for (const secret of [PASSWORD, Buffer.from(`alice:${PASSWORD}`).toString("base64"), "alice"]) expect(text).not.toContain(secret);
    }
    expect(await terraform.planned(() => undefined)).toBe(0);
  });

  test("are refused without the setting", async () => {
    const { terraform } = stack("anonymous", []);
    const events: unknown[] = [];
    expect(await terraform.change("apply", [], (event) => events.push(event))).not.toBe(0);
    expect(JSON.stringify(events)).toMatch(/no basic auth credentials/);
  });

  test("are locked with the login, and a refused one is named with the remedy", async () => {
    expect(await resolveImage(IMAGE)).toMatchObject({ digest: expect.stringMatching(/^sha256:/) });
    process.env.DOCKER_CONFIG = join(place, "nothing");
    try {
      await expect(resolveImage(IMAGE)).rejects.toThrow(/answers 401\n {2}→ check its name, then run docker login 127\.0\.0\.1:5078/);
    } finally {
      process.env.DOCKER_CONFIG = join(place, "config");
    }
  });
});
