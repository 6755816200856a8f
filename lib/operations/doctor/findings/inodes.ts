import type { Cause } from "../cause";

const LEAST = 50_000;

export const cause: Cause = {
  name: "inodes",
  looksAt: "the file system of Docker has inodes left",
  likelihood: 40,
  find({ host, engine }) {
    if ("unknown" in host) return host.unknown;
    const { free_inodes: free } = host.value;
    // btrfs and some others count none
    if (free === "-" || free === "0") return undefined;
    if (free === undefined) return "df shows no inodes for Docker's directory";
    const where = "value" in engine ? engine.value.DockerRootDir : "/var/lib/docker";
    return Number(free) >= LEAST
      ? []
      : [{ problem: `${free} inodes are free at ${where}; a deploy needs ${LEAST}`, remedy: "docker builder prune   # then: df -i" }];
  },
};
