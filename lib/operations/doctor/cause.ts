import { join } from "node:path";
import { discover } from "../../../constructs/core/discover";
import type { Facts } from "./facts";

/** Something that keeps a wiki from working, or will. */
export interface Finding {
  /** What was seen, in words that name the part. */
  readonly problem: string;
  /** The command that fixes it, or what to do. */
  readonly remedy: string;
  /** Whether the wiki works in spite of it. @default false */
  readonly mild?: true;
}

/** What one file of `findings/` looks for, in facts alone. */
export interface Cause {
  /** The name of its file. */
  readonly name: string;
  /** What is looked at: "the ports are free". */
  readonly looksAt: string;
  /** From 1 to 100: how often this is the cause, so that the most likely one is shown first. */
  readonly likelihood: number;
  /**
   * Whether a deploy is refused when it is found; it looks at the engine and the environment alone then.
   * @default false
   */
  readonly refusesDeploy?: true;
  /** Findings; a text says why nothing can be known, and nothing that there is nothing to look at in this environment. */
  find(facts: Facts): readonly Finding[] | string | undefined;
}

/** Every cause: a new one is a new file below `findings/` that exports it as `cause`. */
export const CAUSES = discover<Cause>(join(__dirname, "findings"), "cause");
