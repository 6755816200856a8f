import { type Arguments, type Command, JSON_OPTION } from "../cli/command";
import { synthesize } from "../operations/workspace";
import { printSummary } from "../report/print-summary";
import { summarize } from "../report/summary";

export const command: Command = {
  group: "look",
  summary: "check an environment and show what a deploy would create; changes nothing",
  environment: "local",
  options: { json: JSON_OPTION },
  run,
};

function run(words: Arguments): number {
  const { environment, stack } = synthesize(words);
  const summary = summarize(stack, environment);
  process.stdout.write(`${words.flags.has("json") ? JSON.stringify(summary, null, 2) : printSummary(summary)}\n`);
  return 0;
}
