import type { Adopted } from "./state-file";

/** What became of one thing that the plan wants. */
export type Found =
  /** It is there, and goes into the state. */
  | { readonly adopted: Adopted }
  /** It does not go into the state, and why. */
  | { readonly left: string };

export function adopted(resource: Adopted["resource"], known: Adopted["known"], differences: readonly string[] = []): Found {
  return { adopted: { resource, known, differences } };
}

export function left(reason: string): Found {
  return { left: reason };
}

/** That the Docker host does not have a resource. A config volume and its container are one: files. */
export function missing({ index, values }: Adopted["resource"], kind: string): string {
  return index === undefined ? `${kind} ${values.name} is missing` : `files ${values.name} are missing`;
}

export function adoptedOf(found: readonly Found[]): Adopted[] {
  return found.flatMap((one) => ("adopted" in one ? [one.adopted] : []));
}

/** Each reason once. */
export function leftOf(found: readonly Found[]): string[] {
  return [...new Set(found.flatMap((one) => ("left" in one ? [one.left] : [])))];
}
