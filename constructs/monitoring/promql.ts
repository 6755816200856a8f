import type { Duration } from "../core/duration";

/** A length of time as Prometheus and Alertmanager read it: whole seconds, one at least. */
export function seconds(duration: Duration): string {
  return `${Math.max(1, Math.ceil(duration.seconds))}s`;
}

/**
 * What was counted within `window`, the events that began a series included: it has no earlier value to which `increase` could compare its
 * first one, and the next reading may come after several events. They count as new only if the source was read before.
 */
export function counted(selector: string, window: string): string {
  const later = `increase(${selector}[${window}])`;
  const first = `((min_over_time(${selector}[${window}]) unless ${selector} offset ${window}) and on (job) (up offset ${window} == 1))`;
  return `(${later} + ${first} or ${first} or ${later})`;
}
