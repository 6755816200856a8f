import { blocksOf, pairsOf, shown } from "../attributes";
import { type PolicyRule, RUNNING } from "../rule";

const NEEDED: readonly string[] = ["noexec", "nosuid", "nodev"];
/** The opposites, which would win when they come later. */
const REFUSED: readonly string[] = ["exec", "suid", "dev"];
const SIZE = /^size=[1-9]\d*[kmg]?$/i;

export const rule: PolicyRule = {
  name: "tmpfs-options",
  summary: "file systems in memory are noexec and have a size limit, so that they can neither hold an attacker's programs nor exhaust the host",
  kinds: RUNNING,
  check({ attributes }) {
    return [
      ...pairsOf(attributes, "tmpfs").flatMap(([path, options]) => wrong(path, options.split(","))),
      ...blocksOf(attributes, "mounts")
        .filter(({ type, tmpfs_options }) => type === "tmpfs" && !blocksOf({ tmpfs_options }, "tmpfs_options").some(({ size_bytes }) => Number(size_bytes) > 0))
        .map(({ target }) => `mounts.tmpfs_options.size_bytes of ${shown(target)} must be more than 0, got nothing; set it`),
    ];
  },
};

function wrong(path: string, options: readonly string[]): string[] {
  const missing = NEEDED.filter((option) => !options.includes(option));
  const refused = REFUSED.filter((option) => options.includes(option));
  return [
    ...(missing.length === 0 ? [] : [`tmpfs ${path} lacks ${missing.join(", ")}, got "${options.join(",")}"; add it`]),
    ...(refused.length === 0 ? [] : [`tmpfs ${path} must not have ${refused.join(", ")}, got "${options.join(",")}"; take it out`]),
    ...(options.some((option) => SIZE.test(option)) ? [] : [`tmpfs ${path} must have a size, got "${options.join(",")}"; add it, such as size=16m`]),
  ];
}
