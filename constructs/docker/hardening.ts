import type { ContainerConfig } from "@cdktf/provider-docker/lib/container";

/** A capability that a container keeps, and why it cannot do without. */
export interface Capability {
  /** With its prefix, as the engine gives it back: `CAP_CHOWN`. */
  readonly name: `CAP_${string}`;
  readonly reason: string;
}

export interface Limits {
  /** Memory in MiB that the container may use; it gets no swap. */
  readonly memoryMiB: number;
  /**
   * Processors that the container may use.
   * @default 1
   */
  readonly cpus?: number;
}

/** Microseconds over which the processor quota is counted, as Docker's `--cpus` does. */
const CPU_PERIOD = 100_000;

/** What every container of this project has, whether it keeps running or not. */
export function hardened(limits: Limits, capabilities: readonly Capability[] = []): Partial<ContainerConfig> {
  const added = capabilities.map(({ name }) => name).sort();
  return {
    readOnly: true,
    init: true,
    capabilities: { drop: ["ALL"], add: added.length > 0 ? added : undefined },
    securityOpts: ["no-new-privileges=true"],
    memory: limits.memoryMiB,
    // equal: no swap. Left out, the engine would allow as much again
    memorySwap: limits.memoryMiB,
    // the provider's own "cpus" makes it panic
    cpuPeriod: CPU_PERIOD,
    cpuQuota: Math.round((limits.cpus ?? 1) * CPU_PERIOD),
    logDriver: "json-file",
    logOpts: { "max-size": "10m", "max-file": "3" },
  };
}
