import { OperatorError } from "../../system/operator-error";
import { type Check, type Finding, type Outcome, unknown } from "./check";
import { CHECKS } from "./checks";
import type { Target } from "./target";

/** Runs one check after the other, and passes on each result: in parallel they would share a rate limit. */
export async function verify(target: Target, checks: readonly Check[], listen: (outcome: Outcome) => void): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const check of checks) {
    const outcome = await outcomeOf(check, target);
    listen(outcome);
    outcomes.push(outcome);
  }
  return outcomes;
}

/** The checks that are run: those that `only` names, separated by commas; without it all, those that attack on request alone. */
export function checksToRun(only: string | undefined, attack: boolean, checks: readonly Check[] = CHECKS): readonly Check[] {
  if (only === undefined) return checks.filter((check) => attack || check.attack !== true);
  const names = only.split(",");
  const foreign = names.filter((name) => !checks.some((check) => check.name === name));
  if (foreign.length > 0) throw new OperatorError(`there is no check "${foreign.join('", "')}"`, `checks: ${checks.map(({ name }) => name).join(", ")}`);
  return checks.filter(({ name }) => names.includes(name));
}

async function outcomeOf(check: Check, target: Target): Promise<Outcome> {
  const { name, promise } = check;
  const reason = check.skip?.(target);
  if (reason !== undefined) return { name, result: "skipped", reason };
  const findings = await findingsOf(check, target);
  if (findings.length === 0) return { name, result: "ok", promise };
  return { name, result: findings.every((finding) => finding.unknown) ? "unknown" : "failed", findings };
}

async function findingsOf(check: Check, target: Target): Promise<readonly Finding[]> {
  try {
    // a check that goes through an empty list finds nothing
    if (target.services.length === 0 || Object.keys(target.urls).length === 0) throw new Error("the plan has no service or no URL");
    return await check.run(target);
  } catch (error) {
    const [message = ""] = (error as Error).message.split("\n  → ");
    return [unknown(`check failed to run: ${oneLine(message)}`, "make sure the environment is deployed and reachable, then retry")];
  }
}

/** Exit code of the command: 1 when a check failed, 2 when none failed and something could not be seen. */
export function exitCodeOf(outcomes: readonly Outcome[]): number {
  if (outcomes.some(({ result }) => result === "failed")) return 1;
  return outcomes.length === 0 || outcomes.some(({ result }) => result === "unknown") ? 2 : 0;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, "; ");
}
