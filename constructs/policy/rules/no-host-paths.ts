import { blocksOf, shown } from "../attributes";
import { hiddenHostPaths } from "../host-paths";
import { ALL, type PolicyRule } from "../rule";

const TYPES: readonly unknown[] = ["volume", "tmpfs"];

export const rule: PolicyRule = {
  name: "no-host-paths",
  summary: "containers mount volumes and memory, never host directories, so that they cannot read or change files of the host",
  kinds: ALL,
  check(container) {
    const { attributes } = container;
    return [
      ...blocksOf(attributes, "mounts")
        .filter(({ type }) => !TYPES.includes(type))
        .map(({ type, source, target }) => `mounts.type must be "volume" or "tmpfs", got ${shown(type)} of ${shown(source)} at ${shown(target)}; ${REMEDY}`),
      ...hiddenHostPaths(container).map(({ from, path }) => `${from} is ${path}, a path of the host; ${REMEDY}`),
      ...blocksOf(attributes, "volumes")
        .filter(({ from_container }) => from_container)
        .map(({ from_container }) => `volumes.from_container is ${shown(from_container)} and adds all of its mounts; mount each volume by name`),
    ];
  },
};

const REMEDY = "use a DataVolume or a ConfigVolume, or exempt it with the reason";
