import type { Cause } from "../cause";

/** Images, volumes and a set of the backup of an empty wiki. */
const LEAST_KIB = 2 * 2 ** 20;
const TIGHT_KIB = 10 * 2 ** 20;

export const cause: Cause = {
  name: "disk",
  looksAt: "the disk of Docker has room",
  likelihood: 84,
  find({ host, engine }) {
    if ("unknown" in host) return host.unknown;
    const free = Number(host.value.free_kib);
    if (host.value.free_kib === undefined || Number.isNaN(free)) return "df shows nothing for Docker's directory";
    if (free >= TIGHT_KIB) return [];
    const where = "value" in engine ? engine.value.DockerRootDir : "/var/lib/docker";
    const problem = `${(free / 2 ** 20).toFixed(1)} GiB are free at ${where}; a deploy needs 10 GiB`;
    const finding = { problem, remedy: "docker builder prune   # then: sudo du -xhd1 / | sort -h" };
    return [free < LEAST_KIB ? finding : { ...finding, mild: true }];
  },
};
