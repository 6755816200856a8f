import { createInterface, type Interface } from "node:readline/promises";
import { OperatorError } from "../../system/operator-error";

/** A value that a new environment file needs. */
export interface Question {
  /** Option that answers it: `domain` for `--domain`. */
  readonly option: string;
  /** What a person is asked. */
  readonly text: string;
  /** An example, which is also shown when the answer is missing. */
  readonly example: string;
  /** Taken when nothing is answered. @default - an answer is needed */
  readonly usually?: string;
  /** Why an answer cannot be used; nothing when it can. */
  problem?(answer: string): string | undefined;
}

/** Answers questions from options, or at a terminal. */
export class Answers {
  private readonly terminal: Interface | undefined;
  private readonly missing: string[] = [];

  constructor(
    private readonly given: ReadonlyMap<string, string>,
    interactive: boolean,
  ) {
    this.terminal = interactive ? createInterface({ input: process.stdin, output: process.stdout }) : undefined;
  }

  /** The answer; without a terminal, that of the option or the default. What is missing is collected, see {@link complete}. */
  public async to(question: Question): Promise<string> {
    const { option, usually } = question;
    const given = this.given.get(option);
    if (given !== undefined) return this.checked(question, given);
    if (this.terminal) return this.readAnswer(this.terminal, question);
    if (usually === undefined) this.missing.push(`--${option} ${question.example}`);
    return usually ?? "";
  }

  /** Whether a person agrees; without a terminal `otherwise`. */
  public async agrees(text: string, otherwise: boolean): Promise<boolean> {
    if (!this.terminal) return otherwise;
    const answer = (await this.terminal.question(`${text} [${otherwise ? "Y/n" : "y/N"}] `)).trim();
    return answer === "" ? otherwise : /^y(es)?$/i.test(answer);
  }

  /**
   * Makes sure that nothing is missing.
   *
   * @throws OperatorError that names every option which is.
   */
  public complete(): void {
    if (this.missing.length > 0) throw new OperatorError("without a terminal these options are needed", this.missing.join("\n"));
  }

  public close(): void {
    this.terminal?.close();
  }

  private checked(question: Question, answer: string): string {
    const problem = question.problem?.(answer);
    if (problem !== undefined) throw new OperatorError(`--${question.option}: ${problem}`, `--${question.option} ${question.example}`);
    return answer;
  }

  private async readAnswer(terminal: Interface, question: Question): Promise<string> {
    for (;;) {
      const typed = (await terminal.question(prompt(question))).trim();
      const answer = typed === "" ? question.usually : typed;
      if (answer === "") return answer;
      const problem = answer === undefined ? "an answer is needed" : question.problem?.(answer);
      if (answer !== undefined && problem === undefined) return answer;
      process.stdout.write(`  ${problem}\n`);
    }
  }
}

function prompt({ text, example, usually }: Question): string {
  if (usually === undefined) return `${text} (such as ${example}): `;
  return `${text} (${usually === "" ? "none" : usually}): `;
}
