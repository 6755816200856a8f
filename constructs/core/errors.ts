import type { IConstruct } from "constructs";

/** One thing that an operator has to change, in the words that are printed. */
export type Problem = string;

/** A mistake in what the operator wrote. It is shown as it is, without a stack trace. */
export class ConfigurationError extends Error {
  public override readonly name = "ConfigurationError";

  constructor(
    /** What is not usable: a file, or the path of a construct. */
    public readonly where: string,
    /** Every problem that was found, at least one. */
    public readonly problems: readonly Problem[],
  ) {
    super([`${where} is not usable:`, ...problems.map((problem) => `  - ${problem}`)].join("\n"));
  }
}

/** A relation between values that must hold, and the message if it does not. */
export type Rule = readonly [holds: boolean, otherwise: Problem];

/** Throws one {@link ConfigurationError} that lists every rule that does not hold. */
export function requireAll(scope: IConstruct, rules: readonly Rule[]): void {
  const problems = rules.filter(([holds]) => !holds).map(([, otherwise]) => otherwise);
  if (problems.length > 0) throw new ConfigurationError(scope.node.path, problems);
}
