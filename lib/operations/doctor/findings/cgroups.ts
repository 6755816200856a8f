import type { Cause } from "../cause";

export const cause: Cause = {
  name: "cgroups",
  looksAt: "limits of memory and processes take effect",
  likelihood: 30,
  find({ engine }) {
    if ("unknown" in engine) return engine.unknown;
    return (engine.value.Warnings ?? [])
      .filter((line) => /no (memory|swap|cpu|pids|cpuset)/i.test(line))
      .map((line) => ({ problem: `Docker warns: ${line}`, remedy: "boot with cgroup_enable=memory swapaccount=1 on the kernel's command line", mild: true }));
  },
};
