import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { App, TerraformStack } from "cdktf";
import { ContainerImage } from "../../../constructs/docker/image";
import { buildHash, builtReference } from "../../../constructs/docker/image-context";
import { planOf } from "../../support/plan";

let directory: string;

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), "context-")), "app");
  mkdirSync(join(directory, "files"), { recursive: true });
  writeFileSync(join(directory, "Dockerfile"), "ARG FROM\nFROM ${FROM}\nCOPY files /files\n");
  writeFileSync(join(directory, "files", "one"), "1");
});

afterEach(() => rmSync(join(directory, ".."), { recursive: true }));

function built() {
  return { directory, args: { FROM: "base:1.2.3" } };
}

describe("the hash of a context", () => {
  test("changes with a text, a name and an argument, and with nothing else", () => {
    const before = buildHash(built());
    expect(before).toMatch(/^[0-9a-f]{12}$/);
    const moved = join(directory, "..", "moved");
    cpSync(directory, moved, { recursive: true });
    expect(buildHash({ ...built(), directory: moved })).toBe(before);
    expect(buildHash({ ...built(), args: { FROM: "base:1.2.4" } })).not.toBe(before);
    writeFileSync(join(directory, "files", "one"), "2");
    const changed = buildHash(built());
    writeFileSync(join(directory, "files", "two"), "");
    expect(new Set([before, changed, buildHash(built())]).size).toBe(3);
  });
});

describe("an image that is built on the Docker host", () => {
  const imageOf = (props: Partial<ConstructorParameters<typeof ContainerImage>[2]> = {}) =>
    planOf(({ stack }) => void new ContainerImage(stack, "App", { reference: "own/app:1.2.3", ...props }))
      .all("docker_image")
      .find(({ name }) => name.startsWith("own/app:"));

  test("has the hash of its context in its tag, so that a changed one is built beside it", () => {
    const hash = buildHash(built());
    expect(imageOf({ build: built() })).toMatchObject({
      name: `own/app:1.2.3-${hash}`,
      keep_locally: true,
      triggers: { context: hash },
      build: { build_args: { FROM: "base:1.2.3" }, force_remove: true },
    });
  });

  test("is never built when a ready one is named", () => {
    expect(imageOf()).toEqual({ name: "own/app:1.2.3", keep_locally: true, lifecycle: { create_before_destroy: true } });
    expect(builtReference("own/app:1.2.3", undefined)).toBe("own/app:1.2.3");
  });

  test("copies its context into the stack's folder, which is then self-contained", () => {
    const outdir = join(directory, "..", "out");
    const app = new App({ outdir });
    const stack = new TerraformStack(app, "test");
    new DockerProvider(stack, "Docker");
    new ContainerImage(stack, "App", { reference: "own/app:1.2.3", build: built() });
    app.synth();
    const folder = join(outdir, "stacks", "test");
    const plan = readFileSync(join(folder, "cdk.tf.json"), "utf8");
    const [{ build }] = Object.values<{ build: { context: string } }>(JSON.parse(plan).resource.docker_image) as [{ build: { context: string } }];
    expect(build.context).toMatch(/^assets\//);
    expect(readdirSync(join(folder, build.context)).sort()).toEqual(["Dockerfile", "files"]);
    expect(plan).not.toContain(directory);
  });
});
