import type { ByteSize } from "../../constructs/core/byte-size";
import type { Limits } from "../../constructs/docker/hardening";

/** What a service may use, by its block of the environment. */
export function limits({ memory, cpus }: { memory: ByteSize; cpus: number }): Limits {
  return { memoryMiB: memory.mebibytes, cpus };
}
