/** Something that an operator has to do or get before a command can go on; shown without a stack trace. */
export class OperatorError extends Error {
  /** Several at once, in the order given. */
  public static joined(errors: readonly OperatorError[]): OperatorError {
    const joined = new OperatorError("", "");
    joined.message = errors.map(({ message }) => message).join("\n");
    return joined;
  }

  public override readonly name = "OperatorError";

  constructor(
    problem: string,
    /** What to do about it: a command or a sentence. */
    remedy: string,
  ) {
    super(`${problem}\n  → ${remedy.replaceAll("\n", "\n    ")}`);
  }
}
