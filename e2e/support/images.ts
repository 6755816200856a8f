import { spawnSync } from "node:child_process";
import { builtReference, type ImageBuild } from "../../constructs/docker/image-context";
import { type ImageName, type ImageSource, imagesFor, MONITORING_IMAGES } from "../../lib/stack/images";

/** The images that a run uses. */
export interface Images {
  /** Images that differ from the tested table: stand-ins that were built on this machine. */
  readonly overrides: Partial<Record<ImageName, string>>;
  readonly missing: readonly ImageName[];
  /** Those that only the test of the monitoring needs. */
  readonly missingForMonitoring: readonly ImageName[];
}

/**
 * The image of the table where the engine has it, can pull it, or can pull what it is built from, otherwise a stand-in `e2e/<name>:local` when the engine has one.
 *
 * A stand-in is the same program in another packaging, or another version of it; its builder documents which.
 */
export function imagesHere(): Images {
  const official = Object.entries(imagesFor("8.4", {})) as [ImageName, ImageSource][];
  const chosen = official.map(([name, source]) => {
    const reference = builtReference(source.reference, source.build);
    return { name, reference, image: choose(name, reference, source.build) };
  });
  return {
    overrides: Object.fromEntries(chosen.flatMap(({ name, reference, image }) => (image !== undefined && image !== reference ? [[name, image]] : []))),
    missing: chosen.filter(({ name, image }) => image === undefined && !isForMonitoring(name)).map(({ name }) => name),
    missingForMonitoring: chosen.filter(({ name, image }) => image === undefined && isForMonitoring(name)).map(({ name }) => name),
  };
}

/** The image that a run uses for `name`. */
export function imageOf(name: ImageName): string {
  const { reference, build } = imagesFor("8.4", {})[name];
  const image = choose(name, builtReference(reference, build), build);
  if (image === undefined) throw new Error(`no image of ${name}, and no stand-in`);
  return image;
}

function isForMonitoring(name: ImageName): boolean {
  return (MONITORING_IMAGES as readonly ImageName[]).includes(name);
}

function choose(name: ImageName, reference: string, build: ImageBuild | undefined): string | undefined {
  const standIn = `e2e/${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}:local`;
  return [reference, standIn].find(isHere) ?? (pulls(build?.args.FROM ?? reference) ? reference : undefined);
}

function isHere(reference: string): boolean {
  return spawnSync("docker", ["image", "inspect", reference], { stdio: "ignore" }).status === 0;
}

function pulls(reference: string): boolean {
  return spawnSync("docker", ["pull", "--quiet", reference], { stdio: "ignore", timeout: 300_000 }).status === 0;
}
