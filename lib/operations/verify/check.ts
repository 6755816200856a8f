import type { Target } from "./target";

/** One problem that a check found. */
export interface Finding {
  /** What was seen, in words that name the part. */
  readonly problem: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Whether it is not known that something is wrong, only that nothing could be seen. */
  readonly unknown?: true;
}

/** What a check could not see: neither good nor bad. */
export function unknown(problem: string, remedy: string): Finding {
  return { problem, remedy, unknown: true };
}

/** Something that the documents promise, and that can be seen from outside or inside. */
export interface Check {
  /** What it is called in the report: the name of its file. */
  readonly name: string;
  /** One sentence that is true when nothing was found. */
  readonly promise: string;
  /** Whether it is run by `--attack` alone. @default false */
  readonly attack?: boolean;
  /** Why there is nothing to look at in this environment. @default - there always is */
  skip?(target: Target): string | undefined;
  /** What is not as promised, or could not be seen. An error that it throws means that nothing could be seen. */
  run(target: Target): Promise<readonly Finding[]>;
}

/** How one check ended; `unknown` when it found nothing wrong, and could not see everything. */
export type Outcome =
  | { readonly name: string; readonly result: "ok"; readonly promise: string }
  | { readonly name: string; readonly result: "skipped"; readonly reason: string }
  | { readonly name: string; readonly result: "failed" | "unknown"; readonly findings: readonly Finding[] };
