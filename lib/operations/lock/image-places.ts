import { type ResolvedImage, resolveImage } from "../../clients/registry/registry";
import { mirrored } from "../../stack/image-mirrors";
import { type ImageSettings, lockable } from "../../stack/images";
import { OperatorError } from "../../system/operator-error";

/** The blocks `images` → every image that they may pull, by tag, without mirrors. */
export function lockableIn(environments: readonly ImageSettings[]): string[] {
  return lockable(environments.flatMap(overridesOf));
}

/** Where an image is looked up: at the mirrors of the environments that may pull it, or at its registry if none of them has one. */
export function placesOf(reference: string, environments: readonly ImageSettings[]): string[] {
  const isTested = lockable([]).includes(reference);
  const places = environments
    .filter((images) => isTested || overridesOf(images).includes(reference))
    .map(({ mirrors = {} }) => mirrored(reference, mirrors))
    .filter((place) => place !== reference);
  return places.length === 0 ? [reference] : [...new Set(places)];
}

/**
 * The digest that an image has at all of `places`.
 *
 * @throws OperatorError when one of them does not have it, or has another.
 */
export async function resolveAt(reference: string, places: readonly string[]): Promise<ResolvedImage> {
  const found = await Promise.all(places.map(async (place) => ({ place, ...(await resolveImage(place)) })));
  const [first, ...others] = found;
  if (first === undefined) throw new OperatorError(`${reference} is looked up nowhere`, "report this message");
  const other = others.find(({ digest }) => digest !== first.digest);
  if (other !== undefined) {
    throw new OperatorError(
      `${first.place} has the digest ${first.digest}, but ${other.place} has ${other.digest}`,
      "find out which mirror has another image of that tag, and update that mirror",
    );
  }
  return { digest: first.digest, platforms: first.platforms };
}

function overridesOf({ mirrors: _, ...overrides }: ImageSettings): string[] {
  return Object.values(overrides).filter((image) => image !== undefined);
}
