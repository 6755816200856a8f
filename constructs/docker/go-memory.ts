import type { Limits } from "./hardening";

/** Share of a container's memory at which a Go program begins to collect garbage whatever it costs. */
const SHARE = 0.75;

/**
 * Variable that tells a program written in Go how much memory it has. Without it the program collects garbage only when its memory
 * has doubled, and a sudden load of requests gets it killed.
 */
export function goMemory({ memoryMiB }: Limits, share = SHARE): Record<string, string> {
  return { GOMEMLIMIT: `${Math.floor(memoryMiB * share)}MiB` };
}
