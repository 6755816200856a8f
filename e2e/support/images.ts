import { spawnSync } from "node:child_process";
import { type ImageName, imagesFor } from "../../lib/images";

/** The images that a run uses. */
export interface Images {
  /** Names that differ from the tested table: stand-ins that somebody built on this machine. */
  readonly overrides: Partial<Record<ImageName, string>>;
  readonly missing: readonly ImageName[];
}

/**
 * The image of the table where the engine has it or can pull it, otherwise a stand-in `e2e/<name>:local` when the engine has one.
 *
 * A stand-in is the same program in another packaging, or another version of it; whoever builds one says which.
 */
export function imagesHere(): Images {
  const official = Object.entries(imagesFor("8.4", {})) as [ImageName, string][];
  const chosen = official.map(([name, reference]) => ({ name, reference, image: choose(name, reference) }));
  return {
    overrides: Object.fromEntries(chosen.flatMap(({ name, reference, image }) => (image !== undefined && image !== reference ? [[name, image]] : []))),
    missing: chosen.filter(({ image }) => image === undefined).map(({ name }) => name),
  };
}

function choose(name: ImageName, reference: string): string | undefined {
  const standIn = `e2e/${name}:local`;
  return [reference, standIn].find(isHere) ?? (pulls(reference) ? reference : undefined);
}

function isHere(reference: string): boolean {
  return spawnSync("docker", ["image", "inspect", reference], { stdio: "ignore" }).status === 0;
}

function pulls(reference: string): boolean {
  return spawnSync("docker", ["pull", "--quiet", reference], { stdio: "ignore", timeout: 300_000 }).status === 0;
}
