import type { Cause } from "../cause";
import { isDeployed } from "../facts";

const LEAST_KIB = 3 * 2 ** 20;

export const cause: Cause = {
  name: "memory",
  looksAt: "the memory is enough",
  likelihood: 75,
  find(facts) {
    const { host, engine } = facts;
    if ("unknown" in host) return host.unknown;
    const { available_kib: available } = host.value;
    if (available === undefined) return "the kernel does not say how much memory is available";
    const total = "value" in engine ? `, of ${(engine.value.MemTotal / 2 ** 30).toFixed(1)} GiB` : "";
    const least = isDeployed(facts) ? 256 * 2 ** 10 : LEAST_KIB;
    if (Number(available) >= least) return [];
    return [
      {
        problem: `${(Number(available) / 2 ** 20).toFixed(1)} GiB of memory are available${total}; ${(least / 2 ** 20).toFixed(1)} GiB are needed`,
        remedy: "ps aux --sort=-rss | head   # stop what is not needed, or give the machine more",
      },
    ];
  },
};
