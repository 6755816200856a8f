import type { Construct, IConstruct } from "constructs";
import { Attached } from "../core/attached";

/** The networks of a stack, by name without the namespace: from the internet inwards. */
export type Zone = "proxy" | "backend" | "database";

/** A connection that a container opens. */
export interface Connection {
  /** Name of the container that accepts it. */
  readonly to: string;
  /** Purpose and port, such as `dumps, 3306`. */
  readonly label: string;
}

/**
 * What a container is for, where it may be and what it listens on.
 *
 * The policy compares the plan with it; the preview, the picture and `verify` show or probe it. Nothing of it is in the plan.
 */
export interface ContainerDescription {
  /** What it does, in one or two lines of at most 26 characters. */
  readonly purpose: readonly [line: string] | readonly [first: string, second: string];
  /** Networks that it may be attached to. @default - backend alone */
  readonly zones?: readonly Zone[];
  /** TCP ports that it listens on inside. None of them may answer from outside, unless it is published. @default - none */
  readonly listens?: readonly number[];
  /**
   * Connections that it opens to other containers of the stack, or a function if they are known only when the stack is complete; one to a
   * container that does not run is left out.
   * @default - none
   */
  readonly connects?: readonly Connection[] | (() => readonly Connection[]);
}

/** The description of a container of a complete stack. */
export interface CompleteDescription extends ContainerDescription {
  readonly connects: readonly Connection[];
}

const DESCRIPTIONS = new Attached<ContainerDescription>("container.description");
const DEFAULT_ZONES: readonly Zone[] = ["backend"];

/** Attaches `description` to the construct of a container. */
export function describeContainer(scope: Construct, description: ContainerDescription | undefined): void {
  if (description !== undefined) DESCRIPTIONS.set(scope, description);
}

/** Description of the container `construct`: its own, or that of the construct around it. */
export function descriptionOf(construct: IConstruct): CompleteDescription | undefined {
  const description = DESCRIPTIONS.around(construct).at(-1);
  if (description === undefined) return undefined;
  const { connects = [] } = description;
  return { ...description, connects: typeof connects === "function" ? connects() : connects };
}

/** Networks that the container `construct` may be attached to. */
export function zonesOf(construct: IConstruct): readonly Zone[] {
  return DESCRIPTIONS.around(construct).at(-1)?.zones ?? DEFAULT_ZONES;
}
