import { shown } from "../attributes";
import { type PolicyRule, RUNNING } from "../rule";

export const rule: PolicyRule = {
  name: "memory-limited",
  summary: "memory is limited, without additional swap, so that one container cannot exhaust the host",
  kinds: RUNNING,
  check({ attributes: { memory, memory_swap } }) {
    if (!(Number(memory) > 0)) return [`memory must be more than 0 MiB, got ${shown(memory)}; set it, and memory_swap to the same`];
    return memory_swap === memory
      ? []
      : [`memory_swap must be ${shown(memory)} as memory is, got ${shown(memory_swap)}; anything else lets the container swap`];
  },
};
