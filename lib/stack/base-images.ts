import type { TerraformStack } from "cdktf";
import { ContainerImage } from "../../constructs/docker/image";
import type { ImageSource } from "./images";

/** An image of the stack, and where it comes from. */
export interface StackImage {
  /** Begins the ids of what it is built from. */
  readonly id: string;
  readonly source: ImageSource;
  readonly image: ContainerImage;
}

/** Pulls what images are built from before their builds, where the registry needs a login: a build has none, but uses images that the engine has. */
export function pullBases(stack: TerraformStack, images: readonly StackImage[], logins: readonly string[]): void {
  const pulled = new Map(images.flatMap(({ source, image }) => (source.build === undefined ? [[source.reference, image] as const] : [])));
  for (const { id, source, image } of images) {
    if (source.build === undefined) continue;
    for (const [argument, reference] of Object.entries(source.build.args)) {
      if (!logins.some((registry) => reference.startsWith(`${registry}/`))) continue;
      const base = pulled.get(reference) ?? new ContainerImage(stack, `${id}Base${argument}`, { reference });
      pulled.set(reference, base);
      image.buildAfter(base);
    }
  }
}
