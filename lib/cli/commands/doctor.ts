import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Diagnosis, diagnose, exitCodeOf } from "../../operations/doctor/diagnose";
import { gather } from "../../operations/doctor/gather";
import { bugReport } from "../../operations/doctor/report";
import { ROOT, synthesize } from "../../operations/workspace";
import { OperatorError } from "../../system/operator-error";
import { type Arguments, type Command, JSON_OPTION } from "../command";
import { emphasized, heading } from "../output/layout";

export const command: Command = {
  group: "run",
  oneHost: true,
  summary: "find out why a wiki does not work, or whether a machine can run one",
  details:
    "Looks at the machine, Docker, names, certificates, containers, the state and the backup, and prints the causes, the most likely first, each with the " +
    "command that fixes it. It changes nothing. The exit code is 0 when nothing was found, 1 when something was that keeps the wiki from working, and 2 when " +
    "nothing was found and something could not be looked at.",
  environment: "local",
  options: { json: JSON_OPTION, report: { description: "also write what was seen to a new file, without secrets, for a bug report", value: "file" } },
  run,
};

async function run(words: Arguments): Promise<number> {
  const { environment, stack } = synthesize(words);
  const facts = await gather(environment, stack);
  const diagnosis = diagnose(facts);
  const code = exitCodeOf(diagnosis);
  const file = words.values.get("report");
  if (file !== undefined) write(file, bugReport(facts, diagnosis, release()));
  process.stdout.write(
    words.flags.has("json") ? `${JSON.stringify({ environment: environment.name, ok: code === 0, ...diagnosis }, null, 2)}\n` : print(diagnosis),
  );
  return code;
}

/** Version of this release. */
function release(): string {
  return JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).version;
}

function print({ found, unknown, well }: Diagnosis): string {
  const causes = found.map(({ problem, remedy, mild }, index) =>
    [`${index + 1}. ${mild ? emphasized("yellow", "warning") : emphasized("red", "PROBLEM")}  ${problem}`, `   → ${remedy}`].join("\n"),
  );
  return [
    ...(causes.length === 0 ? [] : [heading("Found, the most likely cause first"), ...causes]),
    ...(unknown.length === 0 ? [] : [heading("Not known"), ...unknown.map(({ looksAt, reason }) => `  whether ${looksAt}: ${reason}`)]),
    heading(`${found.length} found, ${unknown.length} not known, ${well.length} ok`),
    "",
  ].join("\n");
}

/** @throws OperatorError when the file is there, or cannot be written. */
function write(file: string, text: string): void {
  try {
    writeFileSync(resolve(file), text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    throw new OperatorError(`--report: ${file} cannot be written (${(error as NodeJS.ErrnoException).code})`, "name a file that is not there yet");
  }
}
