import type { Duration } from "../core/duration";

/** A length of time as Prometheus and Alertmanager read it: whole seconds, one at least. */
export function seconds(duration: Duration): string {
  return `${Math.max(1, Math.ceil(duration.seconds))}s`;
}

/** Zero instead of nothing, for what is counted from its first event on. */
export function orZero(expression: string): string {
  return `(${expression}) or on () vector(0)`;
}

/**
 * What was counted within `window`, the first event of a series included: a series that begins with an event has no earlier value to
 * which `increase` could compare it. It counts as new only if its source was read before.
 */
export function counted(selector: string, window: string): string {
  return `(increase(${selector}[${window}]) > 0 or (${selector} unless ${selector} offset ${window}) and on (job) (up offset ${window} == 1))`;
}
