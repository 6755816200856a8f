import type { Container } from "@cdktf/provider-docker/lib/container";
import type { Service } from "@cdktf/provider-docker/lib/service";
import type { CompleteDescription, Zone } from "../docker/description";
import type { ContainerKind } from "../docker/labels";

/** Attributes of a resource or of a block in it, as in the Terraform JSON. */
export type Block = Readonly<Record<string, unknown>>;

/** A container as in the plan: attribute names of the provider, references already rendered. */
export interface PlannedContainer {
  readonly name: string;
  /** What the names of everything of its environment begin with; empty when its label is missing. */
  readonly namespace: string;
  /** Its name without the namespace: what it is called in the picture. */
  readonly service: string;
  readonly kind: ContainerKind | undefined;
  /** Name of its image, with tag or digest. */
  readonly image: string;
  /** Physical names of the networks it is attached to. */
  readonly networks: readonly string[];
  /** What its construct says of it. */
  readonly description: CompleteDescription | undefined;
  /** Networks that it may be attached to, by name without the namespace. */
  readonly zones: readonly Zone[];
  /** Attributes of the `docker_volume` resources that it mounts. */
  readonly volumes: readonly Block[];
  /** Attributes of `docker_container`, as in the Terraform JSON; those of `docker_service` under the same names. */
  readonly attributes: Block;
  readonly construct: Container | Service;
}

/** One thing that has to hold for every container of a plan. */
export interface PolicyRule {
  /** What it is called in messages and exemptions. */
  readonly name: string;
  /** One sentence: what holds, and what it is good for. */
  readonly summary: string;
  /** Kinds of container that it is about. */
  readonly kinds: readonly ContainerKind[];
  /** What is wrong with `container`; nothing when all is well. */
  check(container: PlannedContainer): string[];
}

/** Containers that keep running. */
export const SERVICES: readonly ContainerKind[] = ["service"];
/** Containers that run once. */
export const JOBS: readonly ContainerKind[] = ["job"];
/** Containers that never run. */
export const CONFIG_CONTAINERS: readonly ContainerKind[] = ["carrier"];
/** Containers in which a program runs. */
export const RUNNING: readonly ContainerKind[] = ["service", "job"];
/** Every container. */
export const ALL: readonly ContainerKind[] = ["service", "job", "carrier"];
