import { CAUSES, type Cause, type Finding } from "./cause";
import type { Facts } from "./facts";

/** What was found, in order of likelihood. */
export interface Diagnosis {
  readonly found: readonly (Finding & { readonly cause: string })[];
  /** What could not be looked at, and why. */
  readonly unknown: readonly { readonly cause: string; readonly looksAt: string; readonly reason: string }[];
  /** What was looked at and is as it should be. */
  readonly well: readonly { readonly cause: string; readonly looksAt: string }[];
}

/** Looks for every cause in the facts; causes that stop a wiki before those that do not. */
export function diagnose(facts: Facts): Diagnosis {
  return look(facts, CAUSES);
}

/** Looks for `causes` in what they need to know. */
export function look<Known>(facts: Known, causes: readonly Cause<Known>[]): Diagnosis {
  const results = [...causes].sort((one, other) => other.likelihood - one.likelihood).map((cause) => ({ cause, result: cause.find(facts) }));
  const found = results.flatMap(({ cause, result }) =>
    Array.isArray(result) ? (result as Finding[]).map((finding) => ({ cause: cause.name, ...finding })) : [],
  );
  return {
    found: [...found.filter(({ mild }) => !mild), ...found.filter(({ mild }) => mild)],
    unknown: results.flatMap(({ cause: { name, looksAt }, result }) => (typeof result === "string" ? [{ cause: name, looksAt, reason: result }] : [])),
    well: results.flatMap(({ cause: { name, looksAt }, result }) => (Array.isArray(result) && result.length === 0 ? [{ cause: name, looksAt }] : [])),
  };
}

/** 1 when something was found that stops a wiki, 2 when none was and something could not be looked at. */
export function exitCodeOf({ found, unknown }: Diagnosis): number {
  if (found.some(({ mild }) => !mild)) return 1;
  return unknown.length > 0 ? 2 : 0;
}
