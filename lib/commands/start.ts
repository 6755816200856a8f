import { printSummary } from "../report/print-summary";
import { summarize } from "../report/summary";
import { readArguments } from "./arguments";
import { synthesize } from "./workspace";

/** `npm start [-- <environment>] [--json]`: checks and synthesizes, and prints what would run. */
export function run(args: readonly string[]): number {
  const words = readArguments(args, {
    usage: "npm start [-- <environment>] [--json]",
    options: { json: "flag" },
    defaultEnvironment: "local",
  });
  const { environment, stack } = synthesize(words);
  const summary = summarize(stack, environment);
  process.stdout.write(`${words.flags.has("json") ? JSON.stringify(summary, null, 2) : printSummary(summary)}\n`);
  return 0;
}
