import { join } from "node:path";
import { Image } from "@cdktf/provider-docker/lib/image";
import type { TerraformStack } from "cdktf";

/** Major version of Terraform's provider of Docker → the version that is used. The bindings are made for the first. */
export const DOCKER_PROVIDERS = { 3: "3.6.2", 4: "4.5.0" } as const;

export type DockerProviderMajor = keyof typeof DOCKER_PROVIDERS;

const TOP = join(__dirname, "..", "..");
const LOCKS: Readonly<Record<DockerProviderMajor, string>> = { 3: "terraform.lock.hcl", 4: "terraform.lock.docker-4.hcl" };

/** File with the hashes of the providers, at the top of the repository. */
export function providerLock(major: DockerProviderMajor): string {
  return join(TOP, LOCKS[major]);
}

/** Lets a complete stack use that version; nothing changes for 3, which the bindings name. */
export function chooseDockerProvider(stack: TerraformStack, major: DockerProviderMajor): void {
  if (major === 3) return;
  stack.addOverride("terraform.required_providers.docker.version", DOCKER_PROVIDERS[major]);
  const images = stack.node.findAll().filter((node) => node instanceof Image);
  // without it 4.x builds with buildx on the engine of this machine, whatever host the provider names
  for (const image of images) if (image.buildAttributeInput !== undefined) image.addOverride("build.use_legacy_builder", true);
}
