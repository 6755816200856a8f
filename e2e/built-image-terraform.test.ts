import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { App, LocalBackend, TerraformStack } from "cdktf";
import { ContainerImage } from "../constructs/docker/image";
import { Docker } from "../lib/clients/docker/docker";
import type { State } from "../lib/clients/terraform/state";
import { Terraform, type TerraformEvent } from "../lib/clients/terraform/terraform";
import { FailedBuilds } from "../lib/operations/deploy/build-output";
import { keepBuiltImages } from "../lib/operations/deploy/built-images";
import { docker } from "./support/deployment";
import { DOCKER_HOST, E2E_TERRAFORM } from "./support/needs";

const NAME = "secure-bookstack/built-by-a-test";

let place: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "built-"));
  mkdirSync(join(place, "context"));
});

afterEach(() => {
  rmSync(place, { recursive: true });
  const images = docker("image", "ls", "--quiet", "--no-trunc", NAME).split("\n").filter(Boolean);
  if (images.length > 0) docker("image", "rm", "--force", ...new Set(images));
});

/** Writes a stack with one image that holds `text`, and needs no base image; its Terraform is ready to apply. */
function stackWith(text: string, dockerfile = "FROM scratch\nCOPY text /text\n"): { terraform: Terraform; directory: string; reference: string } {
  writeFileSync(join(place, "context", "Dockerfile"), dockerfile);
  writeFileSync(join(place, "context", "text"), text);
  const app = new App({ outdir: join(place, "out") });
  const stack = new TerraformStack(app, "image");
  new LocalBackend(stack, { path: join(place, "terraform.tfstate") });
  new DockerProvider(stack, "Docker", { host: DOCKER_HOST });
  const { reference } = new ContainerImage(stack, "Image", { reference: `${NAME}:1`, build: { directory: join(place, "context"), args: {} } });
  app.synth();
  const directory = join(place, "out", "stacks", "image");
  const terraform = Terraform.find(directory, E2E_TERRAFORM);
  terraform.init();
  return { terraform, directory, reference };
}

const apply = (terraform: Terraform) => terraform.change("apply", [], () => undefined);
const engine = new Docker({ host: DOCKER_HOST });
const NOTHING: State = { resources: [] };
/** Bytes of the image's only layer. */
const layer = (reference: string) =>
  spawnSync("sh", ["-c", `docker save ${reference} | tar -xO --wildcards '*layer.tar' 'blobs/*' 2>/dev/null`]).stdout.toString("latin1");

test("an image that the engine has already is not built again, the next plan is empty, and a changed context is built", async () => {
  const first = stackWith("one");
  // something else of that name shows whether it was built
  docker("import", "/dev/null", first.reference);
  const id = engine.imageId(first.reference);
  expect(keepBuiltImages(first.directory, engine, NOTHING)).toEqual([first.reference]);
  expect(await apply(first.terraform)).toBe(0);
  expect(engine.imageId(first.reference)).toBe(id);

  const again = stackWith("one");
  expect(readFileSync(join(again.directory, "cdk.tf.json"), "utf8")).toContain('"build"');
  expect(await again.terraform.planned(() => undefined)).toBe(0);

  const changed = stackWith("two");
  expect(keepBuiltImages(changed.directory, engine, changed.terraform.state())).toEqual([]);
  expect(await apply(changed.terraform)).toBe(0);
  expect(layer(changed.reference)).toContain("two");
  expect(await stackWith("two").terraform.planned(() => undefined)).toBe(0);
});

test("an image that the engine does not have is built, and one that was removed by hand is built again", async () => {
  const { terraform, directory, reference } = stackWith("three");
  expect(keepBuiltImages(directory, engine, NOTHING)).toEqual([]);
  expect(await apply(terraform)).toBe(0);
  expect(layer(reference)).toContain("three");
  docker("image", "rm", "--force", reference);
  expect(await apply(terraform)).toBe(0);
  expect(layer(reference)).toContain("three");
});

test("a build that fails shows what its command printed, as the provider's error does not", async () => {
  const base = `${NAME}:shell`;
  const libraries = "$(ldd /bin/sh | grep -o '/[^ ]*')";
  expect(spawnSync("sh", ["-c", `tar --create --dereference --file=- /bin/sh ${libraries} 2>/dev/null | docker import - ${base}`]).status).toBe(0);
  const { terraform, directory } = stackWith("four", `FROM ${base}\nRUN echo "the checksum is another one" >&2; exit 3\n`);
  const builds = new FailedBuilds(directory, engine);
  expect(builds.describe()).toEqual([]);
  const errors: string[] = [];
  const listen = (event: TerraformEvent) => {
    builds.listen(event);
    if (event.diagnostic) errors.push(JSON.stringify(event.diagnostic));
  };
  expect(await terraform.change("apply", [], listen)).not.toBe(0);
  expect(errors).not.toEqual([]);
  expect(builds.describe().join("\n")).toMatch(/^The build of secure-bookstack\/built-by-a-test:1-\w+ printed:[\s\S]*^ +.*the checksum is another one$/m);
});
