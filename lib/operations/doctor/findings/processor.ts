import type { Cause } from "../cause";

/** What x86-64-v2 adds; the images of MySQL 8.4 and later, and others on Oracle Linux 9 and later, end at once without it. */
const LEVEL_2 = ["cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"];

export const cause: Cause = {
  name: "processor",
  looksAt: "the processor is one that the images run on",
  likelihood: 55,
  find({ host }) {
    if ("unknown" in host) return host.unknown;
    const { machine, cpu_flags: flags } = host.value;
    if (machine === undefined) return "uname does not say the architecture";
    if (machine === "aarch64") return [];
    if (machine !== "x86_64")
      return [{ problem: `the processor is ${machine}; the images are for x86_64 and aarch64`, remedy: "use a machine with one of these" }];
    if (flags === undefined) return "/proc/cpuinfo shows no flags";
    const missing = LEVEL_2.filter((flag) => !flags.split(" ").includes(flag));
    if (missing.length === 0) return [];
    return [
      {
        problem: `the processor lacks ${missing.join(", ")} of x86-64-v2, without which MySQL does not start`,
        remedy: "in a virtual machine choose the CPU type host (Proxmox: qm set <id> --cpu host), then restart it",
      },
    ];
  },
};
