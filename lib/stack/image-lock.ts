import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ConfigurationError } from "../../constructs/core/errors";
import { parseImageReference } from "../../constructs/core/image-reference";
import { compareText } from "../../constructs/core/render";

/** Top of the repository, where the lock file lies. */
const ROOT = join(__dirname, "..", "..");
export const IMAGE_LOCK = "images.lock.json";

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be "sha256:" and 64 hexadecimal digits');
const lockSchema = z.strictObject({
  images: z.record(
    z.string().refine((name) => parseImageReference(name)?.tag !== undefined, "must be named by its tag"),
    z.strictObject({
      digest,
      platforms: z.record(z.string().regex(/^linux\/[a-z0-9]+(\/v[0-9]+)?$/, "must be a platform such as linux/amd64"), digest),
    }),
  ),
});

/** The digest of a tag when it was locked. */
export interface LockedImage {
  /** Of what the tag names: the list of platforms, or the one image. */
  readonly digest: string;
  /** `linux/amd64` → digest of the image for it. */
  readonly platforms: Readonly<Record<string, string>>;
}

/** `name:tag` → digest. */
export type ImageLock = Readonly<Record<string, LockedImage>>;

/**
 * The lock file of the repository; an empty one when there is none.
 *
 * @throws ConfigurationError with every problem of the file.
 */
export function readImageLock(directory = ROOT): ImageLock {
  const file = join(directory, IMAGE_LOCK);
  return existsSync(file) ? parseImageLock(readFileSync(file, "utf8")) : {};
}

export function parseImageLock(text: string): ImageLock {
  const { success, data, error } = lockSchema.safeParse(parsed(text));
  if (success) return data.images;
  const problems = error.issues.map(({ path, message }) => `${path.map(String).join(".") || "the file"}: ${message}; write it again: npm run lock`);
  throw new ConfigurationError(IMAGE_LOCK, problems);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigurationError(IMAGE_LOCK, [`is no JSON: ${(error as Error).message}; write it again: npm run lock`]);
  }
}

/** Writes the lock file, in an order that does not change. */
export function writeImageLock(lock: ImageLock, directory = ROOT): void {
  writeFileSync(
    join(directory, IMAGE_LOCK),
    `${JSON.stringify({ images: sorted(lock, (image) => ({ ...image, platforms: sorted(image.platforms) })) }, null, 2)}\n`,
  );
}

function sorted<T>(record: Readonly<Record<string, T>>, each: (value: T) => T = (same) => same): Record<string, T> {
  return Object.fromEntries(
    Object.entries(record)
      .sort(([a], [b]) => compareText(a, b))
      .map(([key, value]) => [key, each(value)]),
  );
}

/** `name:tag@sha256:…` where the lock knows the tag; a reference that has a digest, and one that it does not know, stay as they are. */
export function pinned(reference: string, lock: ImageLock): string {
  const known = Object.hasOwn(lock, reference) ? lock[reference] : undefined;
  return known === undefined ? reference : `${reference}@${known.digest}`;
}

/** Whether `reference` says by its content which image is meant. */
export function isPinned(reference: string): boolean {
  return parseImageReference(reference)?.digest !== undefined;
}
