/** Smallest value that at least `share` of the values do not exceed; nothing without values. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 0 && low !== undefined && high !== undefined ? (low + high) / 2 : high;
}

/** A figure with the lowest and highest value of the rounds. */
export interface Measured {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly rounds: number;
}

/** Nothing when nothing was measured. */
export function measured(values: readonly number[]): Measured | undefined {
  const middle = median(values);
  return middle === undefined ? undefined : { median: middle, low: Math.min(...values), high: Math.max(...values), rounds: values.length };
}

/** What is required of a figure. */
export interface Target {
  readonly what: string;
  readonly unit: string;
  readonly atLeast?: number;
  readonly atMost?: number;
}

export type Verdict = "met" | "missed" | "not measured";

/** A figure that is not known does not meet a target. */
export function verdict({ atLeast, atMost }: Target, figure: number | undefined): Verdict {
  if (figure === undefined || Number.isNaN(figure)) return "not measured";
  return figure >= (atLeast ?? Number.NEGATIVE_INFINITY) && figure <= (atMost ?? Number.POSITIVE_INFINITY) ? "met" : "missed";
}
