import { noteOtherChoice } from "../../clients/docker/shell-choice";
import { type Summary, summarize } from "../../operations/summary";
import { synthesize } from "../../operations/workspace";
import { type Arguments, type Command, JSON_OPTION } from "../command";
import { printPreview } from "../output/print-preview";
import { printSummary } from "../output/print-summary";

export const command: Command = {
  group: "look",
  summary: "check an environment and show what a deploy would create; changes nothing",
  environment: "local",
  options: { all: { description: "print every table, as wide as it is" }, json: JSON_OPTION },
  following: true,
  run,
};

function run(args: Arguments): number {
  const { environment, stack } = synthesize(args);
  noteOtherChoice(environment.docker);
  const summary = summarize(stack, environment);
  process.stdout.write(`${text(summary, args.flags)}\n`);
  return 0;
}

function text(summary: Summary, flags: ReadonlySet<string>): string {
  if (flags.has("json")) return JSON.stringify(summary, null, 2);
  return flags.has("all") ? printSummary(summary) : printPreview(summary);
}
