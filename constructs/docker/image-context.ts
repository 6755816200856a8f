import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { valueHash } from "../core/config-file";
import { compareText } from "../core/render";

/** The build context of an image that is built on the Docker host. */
export interface ImageBuild {
  /** Directory with the `Dockerfile` and what it copies. */
  readonly directory: string;
  /** Values of the `ARG` lines; no secret, they stay visible in the image. */
  readonly args: Readonly<Record<string, string>>;
}

/** The name under which the host keeps an image that is made from `build`: a changed context is another image. */
export function builtReference(reference: string, build: ImageBuild | undefined): string {
  return build === undefined ? reference : `${reference}-${buildHash(build)}`;
}

/** Twelve hexadecimal digits that change exactly when a file of the context, its name or an argument does. */
export function buildHash({ directory, args }: ImageBuild): string {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort(compareText);
  const texts = files.map((file) => [file, readFileSync(join(directory, file), "base64")]);
  return valueHash([texts, Object.entries(args).sort(([a], [b]) => compareText(a, b))]);
}
