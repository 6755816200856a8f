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
export interface Cause<Known = Facts> {
  /** The name of its file. */
  readonly name: string;
  /** What is looked at: "the ports are free". */
  readonly looksAt: string;
  /** From 1 to 100: how often this is the cause, so that the most likely one is shown first. */
  readonly likelihood: number;
  /** Findings; a text says why nothing can be known, and nothing that there is nothing to look at in this environment. */
  find(facts: Known): readonly Finding[] | string | undefined;
}

/** A cause that shows in what the engine says of itself. A deploy is refused when it is found. */
export interface EngineCause extends Cause<Pick<Facts, "engine" | "environment">> {
  readonly refusesDeploy: true;
}

/** Every cause: a new one is a new file below `findings/` that exports it as `cause`. */
export const CAUSES = discover<Cause>(join(__dirname, "findings"), "cause");

/** Those that refuse a deploy. */
export const ENGINE_CAUSES = CAUSES.filter((cause): cause is EngineCause => "refusesDeploy" in cause);
