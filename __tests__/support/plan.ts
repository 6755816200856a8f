import { tmpdir } from "node:os";
import { join } from "node:path";
import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { AnnotationMetadataEntryType, type App, TerraformStack, Testing } from "cdktf";
import { Subnet } from "../../constructs/core/subnet";
import { fromTerraformLiteral } from "../../constructs/core/terraform-literal";
import { DataVolume, DataVolumes } from "../../constructs/docker/data-volumes";
import { ContainerImage } from "../../constructs/docker/image";
import { Networks } from "../../constructs/docker/networks";
import { VolumeSecretStore } from "../../constructs/secrets/volume-store";

// biome-ignore lint/suspicious/noExplicitAny: a rendered block has whatever the provider knows
export type Block = Record<string, any>;

/** A file of the plan, as its container will read it. */
export interface PlannedFile {
  readonly container: string;
  readonly path: string;
  readonly text: string;
}

/** An application that writes nothing; one folder for all, or each would leave one behind. */
export function testApp(): App {
  return Testing.app({ enableFutureFlags: false, outdir: join(tmpdir(), "cdktf.outdir.tests") });
}

/** Context of construct tests: a stack with the three networks, volumes and secrets. */
export function context() {
  const stack = new TerraformStack(testApp(), "test");
  new DockerProvider(stack, "Docker");
  const namespace = "test";
  const image = new ContainerImage(stack, "Image", { reference: "image:1.2.3" });
  const subnets = { proxy: Subnet.parse("172.30.10.0/24"), backend: Subnet.parse("172.30.20.0/24"), database: Subnet.parse("172.30.30.0/24") };
  const networks = new Networks(stack, "Networks", { namespace, subnets });
  const volumes = new DataVolumes(stack, "Volumes", { namespace, image });
  const secrets = new VolumeSecretStore(stack, "Secrets", { namespace, image });
  return { stack, namespace, image, networks, volumes, secrets };
}

export type TestContext = ReturnType<typeof context>;

/** Synthesizes what `build` adds to the context, as strictly as `cdktf synth` does. */
export function planOf(build: (context: TestContext) => void) {
  const made = context();
  build(made);
  // a stack without any data is no mistake of a test about something else
  if (!made.volumes.node.children.some((child) => child instanceof DataVolume)) made.volumes.volume("anything", { owner: "1:1" });
  return read(made.stack);
}

/** Runs validations, throws on error annotations, and gives access to the result by name. */
export function read(stack: TerraformStack) {
  const json = Testing.synth(stack, true);
  const errors = stack.node
    .findAll()
    .flatMap(({ node }) => node.metadata.map(({ type, data }) => ({ type, text: `[${node.path}] ${data}` })))
    .filter(({ type }) => type === AnnotationMetadataEntryType.ERROR);
  if (errors.length > 0) throw new Error(errors.map(({ text }) => text).join("\n"));
  return { stack, ...accessTo(json) };
}

/** Access to the Terraform JSON of a stack by the names of what is in it. */
export function accessTo(json: string) {
  const resources: Record<string, Record<string, Block>> = JSON.parse(json).resource ?? {};
  const all = (type: string): Block[] => Object.values(resources[type] ?? {});
  const named = (type: string, name: string): Block => {
    const found = all(type).find((candidate) => candidate.name === name);
    if (!found)
      throw new Error(
        `no ${type} "${name}", only ${all(type)
          .map((candidate) => candidate.name)
          .join(", ")}`,
      );
    return found;
  };
  /** Text of a file as the container `name` reads it, taken from its config container. */
  const file = (name: string, path: string): string => {
    const configContainer = all("docker_container").find((candidate) => new RegExp(`^${name}-config-[0-9a-f]{12}$`).test(candidate.name));
    const upload = configContainer?.upload?.find((candidate: Block) => candidate.file === `/config/${path}`);
    if (!upload) throw new Error(`${name} has no file ${path}, only ${configContainer?.upload?.map((candidate: Block) => candidate.file).join(", ")}`);
    return fromTerraformLiteral(upload.content);
  };
  /** Every file that a container will read. */
  const files = (): PlannedFile[] =>
    all("docker_container").flatMap(({ name, upload = [] }) =>
      upload.map(({ file, content }: Block) => ({
        container: name.replace(/-config-[0-9a-f]{12}$/, ""),
        path: file.replace(/^\/config\//, ""),
        text: fromTerraformLiteral(content),
      })),
    );
  return {
    json,
    resources,
    all,
    file,
    files,
    container: (name: string) => named("docker_container", name),
    volume: (name: string) => named("docker_volume", name),
  };
}
