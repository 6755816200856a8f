import { Image } from "@cdktf/provider-docker/lib/image";
import { AssetType, TerraformAsset } from "cdktf";
import { Construct } from "constructs";
import { addDependencies } from "../core/dependencies";
import { buildHash, builtReference, type ImageBuild } from "./image-context";

export interface ContainerImageProps {
  /** Name with an exact tag, or with a digest: `traefik:v3.7.11`, `mysql:8.4.11@sha256:…`. */
  readonly reference: string;
  /**
   * What the Docker host makes the image from; the hash of it is added to the tag of `reference`. Making it needs the internet.
   * @default - the image is pulled
   */
  readonly build?: ImageBuild;
  /**
   * Directories that the image declares as volumes (`VOLUME`).
   * @default - none
   */
  readonly volumes?: readonly string[];
}

/** A read-only file system in memory: it replaces an anonymous volume that Docker would create. */
const NOTHING = "ro,noexec,nosuid,nodev,size=4k";

/** An image on the Docker host. It is pulled, or built, when the host has none of that name, before a container is replaced, and never deleted. */
export class ContainerImage extends Construct {
  public readonly reference: string;
  /** The id that containers are created from: they change exactly when the image behind the name does. */
  public readonly imageId: string;
  private readonly volumes: readonly string[];
  private readonly resource: Image;

  constructor(scope: Construct, id: string, props: ContainerImageProps) {
    super(scope, id);
    const { build } = props;
    this.reference = builtReference(props.reference, build);
    this.volumes = props.volumes ?? [];
    this.resource = new Image(this, "Resource", {
      name: this.reference,
      keepLocally: true,
      buildAttribute: build && this.context(build),
      triggers: build && { context: buildHash(build) },
      // the name changes with what is built; an image that the engine has already is used without a build
      lifecycle: { createBeforeDestroy: true, ...(build && { ignoreChanges: ["build"] }) },
    });
    this.imageId = this.resource.imageId;
  }

  /** Builds this image after `base` is on the engine: a build has no login for a registry, but uses images that the engine has. */
  public buildAfter(base: ContainerImage): void {
    addDependencies(this.resource, [base.resource]);
  }

  /** The directory becomes part of the stack's own folder, so that this folder alone is enough to build from. */
  private context({ directory, args }: ImageBuild) {
    const { path } = new TerraformAsset(this, "Context", { path: directory, type: AssetType.DIRECTORY });
    return { context: path, buildArgs: { ...args }, forceRemove: true };
  }

  /**
   * File systems for the declared volumes that are not among `used`.
   *
   * Docker makes a nameless, writable volume for each that is left out.
   */
  public covering(used: readonly string[]): Record<string, string> {
    return Object.fromEntries(this.volumes.filter((directory) => !used.includes(directory)).map((directory) => [directory, NOTHING]));
  }
}
