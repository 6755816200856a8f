import { rule } from "../../../../constructs/policy/rules/memory-limited";
import { job, service, testRule } from "../examples";

testRule(rule, {
  keeps: { "a service": service(), "a job": job({ memory: 16, memory_swap: 16 }) },
  breaks: {
    nothing: [service({ memory: undefined, memory_swap: undefined }), "memory must be more than 0 MiB, got nothing; set it, and memory_swap to the same"],
    "no limit": [job({ memory: 0, memory_swap: 0 }), "memory must be more than 0 MiB, got 0; set it, and memory_swap to the same"],
    swap: [service({ memory: 64, memory_swap: 128 }), "memory_swap must be 64 as memory is, got 128; anything else lets the container swap"],
    "swap without end": [service({ memory: 64, memory_swap: -1 }), "memory_swap must be 64 as memory is, got -1; anything else lets the container swap"],
    "swap left to Docker": [
      job({ memory: 64, memory_swap: undefined }),
      "memory_swap must be 64 as memory is, got nothing; anything else lets the container swap",
    ],
  },
});
