import { Image } from "@cdktf/provider-docker/lib/image";
import { Construct } from "constructs";

export interface ContainerImageProps {
  /** Name with an exact tag, or with a digest: `traefik:v3.7.11`, `mysql:8.4.11@sha256:…`. */
  readonly reference: string;
}

/** An image on the Docker host. It is pulled when the host has none of that name, before a container is replaced, and never deleted. */
export class ContainerImage extends Construct {
  public readonly reference: string;
  /** The id that containers are created from: they change exactly when the image behind the name does. */
  public readonly imageId: string;

  constructor(scope: Construct, id: string, props: ContainerImageProps) {
    super(scope, id);
    this.reference = props.reference;
    this.imageId = new Image(this, "Resource", {
      name: props.reference,
      keepLocally: true,
      lifecycle: { createBeforeDestroy: true },
    }).imageId;
  }
}
