import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { describeUnless } from "../__tests__/support/needs";
import { ContainerImage } from "../constructs/docker/image";
import { Terraform } from "../lib/clients/terraform/terraform";
import { chooseDockerProvider, DOCKER_PROVIDERS } from "../lib/stack/docker-provider";
import { Deployment, docker } from "./support/deployment";
import { E2E_TERRAFORM, missingProvider } from "./support/needs";
import { missingForSecondEngine, SecondEngine } from "./support/second-engine";

const WIKI = new Deployment({ name: "prv", http: 18_116, https: 18_466, subnets: 227 });
const missing = missingProvider("kreuzwerker/docker", DOCKER_PROVIDERS[4]);

describeUnless(missing, "an environment that provider 3 deployed, under provider 4", () => {
  const running = (name: string) => docker("container", "inspect", "--format", "{{.Id}} {{.State.Running}}", WIKI.container(name));

  beforeAll(() => {
    WIKI.clean();
    WIKI.write();
    WIKI.must("deploy");
    WIKI.write({ providers: { docker: 4 } });
  });
  afterAll(() => WIKI.clean());

  test("has nothing to change", () => {
    const { status, stdout } = WIKI.command("plan", "--detailed-exitcode");
    expect({ status, stdout }).toMatchObject({ status: 0 });
    expect(readFileSync(join(WIKI.stackDirectory(), ".terraform.lock.hcl"), "utf8")).toContain(`"${DOCKER_PROVIDERS[4]}"`);
  });

  test("keeps a stopped container while it plans, and a deploy starts it", () => {
    const [id] = running("authelia").split(" ");
    docker("stop", WIKI.container("authelia"));
    expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(2);
    expect(running("authelia")).toBe(`${id} false`);
    WIKI.must("deploy");
    expect(running("authelia")).toBe(`${id} true`);
  });

  test("is deployed from scratch", () => {
    WIKI.must("destroy");
    WIKI.must("deploy");
    expect(WIKI.command("plan", "--detailed-exitcode").status).toBe(0);
  });
});

describeUnless(missing ?? missingForSecondEngine(), "an image that provider 4 builds", () => {
  const NAME = "secure-bookstack/built-elsewhere-by-a-test";
  const second = new SecondEngine();
  const place = mkdtempSync(join(tmpdir(), "built-elsewhere-"));

  beforeAll(() => second.start([]));
  afterAll(async () => {
    await second.stop();
    rmSync(place, { recursive: true });
  });

  test("is on the engine that the provider names, and on no other", async () => {
    mkdirSync(join(place, "context"));
    writeFileSync(join(place, "context", "Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
    const app = new App({ outdir: join(place, "out") });
    const stack = new TerraformStack(app, "image");
    new LocalBackend(stack, { path: join(place, "terraform.tfstate") });
    new DockerProvider(stack, "Docker", { host: `unix://${second.socket}` });
    const { reference } = new ContainerImage(stack, "Image", { reference: `${NAME}:1`, build: { directory: join(place, "context"), args: {} } });
    chooseDockerProvider(stack, 4);
    app.synth();
    const terraform = Terraform.find(join(place, "out", "stacks", "image"), E2E_TERRAFORM);
    terraform.init();
    expect(await terraform.change("apply", [], () => undefined)).toBe(0);
    expect(second.docker("image", "ls", "--quiet", reference).stdout).not.toBe("");
    expect(docker("image", "ls", "--quiet", reference)).toBe("");
    expect(await terraform.planned(() => undefined)).toBe(0);
  });
});
