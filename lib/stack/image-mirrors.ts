import { fullRepository, parseImageReference } from "../../constructs/core/image-reference";

/** Beginning of an image's full name, such as `docker.io/grafana` → what takes its place at a mirror. */
export type ImageMirrors = Readonly<Record<string, string>>;

/**
 * The name of the same image at its mirror: the longest beginning of its full name applies. Tag and digest stay.
 *
 * An image without a mirror keeps the name as it is written.
 */
export function mirrored(reference: string, mirrors: ImageMirrors): string {
  const written = parseImageReference(reference)?.repository ?? reference;
  const full = fullRepository(written);
  const [prefix] = Object.keys(mirrors)
    .filter((beginning) => isBelow(full, beginning))
    .sort((a, b) => b.length - a.length);
  return prefix === undefined ? reference : `${mirrors[prefix]}${full.slice(prefix.length)}${reference.slice(written.length)}`;
}

/** Beginnings that none of the images has. */
export function unusedMirrors(references: readonly string[], mirrors: ImageMirrors): string[] {
  return Object.keys(mirrors).filter((prefix) =>
    references.every((reference) => mirrored(reference, mirrors) === mirrored(reference, without(mirrors, prefix))),
  );
}

function without(mirrors: ImageMirrors, prefix: string): ImageMirrors {
  return Object.fromEntries(Object.entries(mirrors).filter(([other]) => other !== prefix));
}

function isBelow(full: string, beginning: string): boolean {
  return full === beginning || full.startsWith(`${beginning}/`);
}
