import { Image } from "@cdktf/provider-docker/lib/image";
import { Construct } from "constructs";

export interface ContainerImageProps {
  /** Name with an exact tag, or with a digest: `traefik:v3.7.11`, `mysql:8.4.11@sha256:…`. */
  readonly reference: string;
  /**
   * Directories that the image declares as volumes (`VOLUME`).
   * @default - none
   */
  readonly volumes?: readonly string[];
}

/** A file system in memory that nobody can write: it takes the place of a volume that Docker would make by itself. */
const NOTHING = "ro,noexec,nosuid,nodev,size=4k";

/** An image on the Docker host. It is pulled when the host has none of that name, before a container is replaced, and never deleted. */
export class ContainerImage extends Construct {
  public readonly reference: string;
  /** The id that containers are created from: they change exactly when the image behind the name does. */
  public readonly imageId: string;
  private readonly volumes: readonly string[];

  constructor(scope: Construct, id: string, props: ContainerImageProps) {
    super(scope, id);
    this.reference = props.reference;
    this.volumes = props.volumes ?? [];
    this.imageId = new Image(this, "Resource", {
      name: props.reference,
      keepLocally: true,
      lifecycle: { createBeforeDestroy: true },
    }).imageId;
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
