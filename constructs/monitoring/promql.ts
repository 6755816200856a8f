import type { Duration } from "../core/duration";

/** A length of time as Prometheus and Alertmanager read it: whole seconds, one at least. */
export function seconds(duration: Duration): string {
  return `${Math.max(1, Math.ceil(duration.seconds))}s`;
}

/** Share of a limit below which a value has to fall again. */
const BACK = 0.95;

/**
 * What is above `limit`, and what was and is still above 95 % of it: a value that hovers around the limit raises one alert, not one after the
 * other. `alert` is the name of the alert that asks.
 */
export function above(alert: string, expression: string, limit: number): string {
  const back = Number((BACK * limit).toPrecision(6));
  const firing = `ALERTS{alertname="${alert}",alertstate="firing"}`;
  return `${expression} > ${limit} or (${expression} > ${back} and ignoring (alertname, alertstate, severity, family, job) ${firing})`;
}

/** The value of an alert as a whole number, in its text. */
export function count(): string {
  return '{{ $value | printf "%.0f" }}';
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
