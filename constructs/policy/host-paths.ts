import { posix } from "node:path";
import { blocksOf } from "./attributes";
import type { Block, PlannedContainer } from "./rule";

/** A path that something mounted has, and the attribute that says so. */
export interface MountedPath {
  readonly from: string;
  readonly path: string;
}

/** Paths of the host that mounts name openly: those of type `bind`. */
export function bindSources({ attributes }: PlannedContainer): MountedPath[] {
  return blocksOf(attributes, "mounts").flatMap(({ source }) => path("mounts.source", source));
}

/** Paths of the host that come in as volumes: in the short form, or behind the options of a volume. */
export function hiddenHostPaths({ attributes, volumes }: PlannedContainer): MountedPath[] {
  return [
    ...blocksOf(attributes, "volumes").flatMap(({ host_path, volume_name }) => [
      ...path("volumes.host_path", host_path),
      ...path("volumes.volume_name", volume_name),
    ]),
    ...blocksOf(attributes, "mounts")
      .flatMap((mount) => blocksOf(mount, "volume_options"))
      .flatMap(({ driver_options }) => device("mounts.volume_options.driver_options.device", driver_options)),
    ...volumes.flatMap(({ name, driver_opts }) => device(`driver_opts.device of the volume ${name}`, driver_opts)),
  ];
}

/** Where the container finds what is mounted. */
export function targets({ attributes }: PlannedContainer): MountedPath[] {
  return [
    ...blocksOf(attributes, "mounts").flatMap(({ target }) => path("mounts.target", target)),
    ...blocksOf(attributes, "volumes").flatMap(({ container_path }) => path("volumes.container_path", container_path)),
  ];
}

/** The device of a volume; one that is no path, such as `tmpfs` or `:/export` of a server, is not on the host. */
function device(from: string, options: unknown): MountedPath[] {
  return path(from, (options as Block | undefined)?.device);
}

/** Names of volumes, and references to them, are no paths. */
function path(from: string, value: unknown): MountedPath[] {
  return typeof value === "string" && /^[/.~]/.test(value) ? [{ from, path: posix.normalize(value) }] : [];
}
