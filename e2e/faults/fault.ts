import type { Task } from "./person";

/** Something that breaks. */
export interface Fault {
  /** What breaks, and how: "bookstack-db: killed". */
  readonly part: string;
  readonly what: string;
  /** Breaks it; the promise ends when nothing more is done to it. */
  strike(): void | Promise<void>;
  /** Seconds until the cause is removed. @default - it is not: the part must recover itself */
  readonly seconds?: number;
  /** Removes the cause. */
  repair?(): void | Promise<void>;
  /** Whether `repair` is a manual action of an operator, without which nothing recovers. @default false */
  readonly byHand?: boolean;
  /** Whether saves are undone on purpose. @default false */
  readonly forgets?: boolean;
  /** Containers that the fault restarts on purpose, beside `part`. */
  readonly restarts?: readonly string[];
  /** What has to hold afterwards beside the targets; a text says what does not. */
  afterwards?(): Promise<string | undefined>;
  /** What a reader of the report has to know: a stand-in for a real fault, a limit. */
  readonly note?: string;
}

/** What one person saw during a fault. */
export interface Seen {
  /** What the person saw instead of an answer → how often. */
  readonly failures: Readonly<Record<string, number>>;
  readonly requests: number;
  readonly longestSeconds: number;
  readonly signIns: number;
}

/** What came of a fault. */
export interface Outcome {
  readonly part: string;
  readonly what: string;
  readonly note?: string;
  readonly byHand: boolean;
  readonly date: string;
  readonly seen: Readonly<Record<Task, Seen>>;
  /** Seconds from the end of the cause until all users are served again and every container is healthy; nothing when that took too long. */
  readonly wholeSeconds?: number;
  readonly longestSeconds: number;
  readonly acknowledged: number;
  readonly lost: number;
  /** Alerts that began to fire. */
  readonly alerts: readonly string[];
  /** Containers that the fault ended although it is not about them. */
  readonly others: readonly string[];
  /** Targets that are not met, in words. */
  readonly missed: readonly string[];
}

/** What is promised of every fault. */
export const TARGETS = { wholeSeconds: 60, longestSeconds: 15, lost: 0 } as const;

/** Seconds by which a measured time can exceed the real one: the persons ask once a second, on a machine with other work. */
const TOLERANCE = 1;

export function missedTargets(outcome: Omit<Outcome, "missed">, more: string | undefined): string[] {
  const { wholeSeconds, longestSeconds, lost, others } = outcome;
  return [
    ...(wholeSeconds === undefined || wholeSeconds > TARGETS.wholeSeconds ? [`whole again after ${wholeSeconds ?? "more than 180"} s`] : []),
    ...(longestSeconds > TARGETS.longestSeconds + TOLERANCE ? [`a request took ${longestSeconds} s`] : []),
    ...(lost > TARGETS.lost ? [`${lost} acknowledged saves are lost`] : []),
    ...(others.length > 0 ? [`it also ended ${others.join(", ")}`] : []),
    ...(more === undefined ? [] : [more]),
  ];
}
