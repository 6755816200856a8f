import type { Check, Outcome } from "./check";
import { CHECKS } from "./checks";
import type { Subject } from "./subject";

/** Runs one check after the other, and hands on how each ended: together they would spend each other's rate limit. */
export async function verify(subject: Subject, attack: boolean, listen: (outcome: Outcome) => void, checks: readonly Check[] = CHECKS): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const check of checks.filter((candidate) => attack || candidate.attack !== true)) {
    const outcome = await outcomeOf(check, subject);
    listen(outcome);
    outcomes.push(outcome);
  }
  return outcomes;
}

async function outcomeOf(check: Check, subject: Subject): Promise<Outcome> {
  const { name, promise } = check;
  try {
    const reason = check.skip?.(subject);
    if (reason !== undefined) return { name, result: "skipped", reason };
    const findings = await check.run(subject);
    return findings.length === 0 ? { name, result: "ok", promise } : { name, result: "failed", findings };
  } catch (error) {
    const [said = ""] = (error as Error).message.split("\n  → ");
    return {
      name,
      result: "failed",
      findings: [{ problem: `could not be looked at: ${oneLine(said)}`, remedy: "see that it is deployed and can be reached, then again" }],
    };
  }
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, "; ");
}
