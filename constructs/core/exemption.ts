import type { Construct, IConstruct } from "constructs";
import { Attached } from "./attached";
import { requireAll } from "./errors";

/** A rule that does not hold below a construct, on purpose. */
export interface Exemption {
  /** Name of the rule. */
  readonly rule: string;
  /** Why it need not hold here; printed with the plan. */
  readonly reason: string;
  /** Path of the construct. */
  readonly path: string;
}

const EXEMPTIONS = new Attached<readonly Exemption[]>("policy.exemptions");
/** Characters below which a reason says nothing. */
const SHORTEST_REASON = 10;

/** Lets `scope`, and what is below it, break `rule`. */
export function exempt(scope: Construct, rule: string, reason: string): void {
  const own = declaredAt(scope);
  requireAll(scope, [
    [reason.trim().length >= SHORTEST_REASON, `an exemption from ${rule} needs a reason of ${SHORTEST_REASON} characters or more, got "${reason}"`],
    [!own.some((exemption) => exemption.rule === rule), `is exempt from ${rule} already`],
  ]);
  EXEMPTIONS.set(scope, [...own, { rule, reason, path: scope.node.path }]);
}

/** The exemption that lets `construct` break `rule`, its own or one that it inherits. */
export function exemptionFrom(rule: string, construct: IConstruct): Exemption | undefined {
  return EXEMPTIONS.around(construct)
    .flat()
    .findLast((exemption) => exemption.rule === rule);
}

/** Every exemption at or below `scope`. */
export function exemptionsOf(scope: IConstruct): Exemption[] {
  return scope.node.findAll().flatMap((construct) => declaredAt(construct));
}

function declaredAt(construct: IConstruct): readonly Exemption[] {
  return EXEMPTIONS.of(construct) ?? [];
}
