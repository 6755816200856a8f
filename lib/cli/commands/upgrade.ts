import { Docker } from "../../clients/docker/docker";
import { CHANGES } from "../../clients/terraform/terraform";
import { loadEnvironment } from "../../environment/load";
import { BackupContainer } from "../../operations/backup/backup-container";
import { deployedStack } from "../../operations/deploy/applied-stack";
import { refuseInterrupted } from "../../operations/interrupted";
import { requireTools, type Tools } from "../../operations/tools";
import { putBack } from "../../operations/upgrade/put-back";
import { refuseUnfinished, UpgradeJournal, unfinishedRecord, writeBefore } from "../../operations/upgrade/record";
import { requireSameTarget, Upgrade, type UpgradeProps } from "../../operations/upgrade/upgrade";
import { stackDirectory, synthesize, type Workspace } from "../../operations/workspace";
import { OperatorError } from "../../system/operator-error";
import { type Arguments, type Command, usageOf } from "../command";
import { confirmed } from "../output/confirm";
import { printUpgrade } from "../output/print-upgrade";
import { Progress } from "../output/progress";
import { say } from "../output/say";

export const command: Command = {
  group: "run",
  oneHost: true,
  summary: "update what is deployed; if that fails, put the previous images and data back",
  details:
    "Shows what would change, pulls and builds every image, makes a backup set, deploys, and tests the wiki. " +
    "The exit code is 1 when the previous release was put back.",
  options: {
    "dry-run": { description: "check, pull and build, show what would change, and stop there" },
    yes: { description: "do not ask for confirmation" },
    resume: { description: "continue an upgrade that was interrupted" },
    back: { description: "put back what ran before an upgrade that was interrupted" },
  },
  changes: "interrupted",
  run,
};

async function run(args: Arguments): Promise<number> {
  const { environment: name, flags } = args;
  if (flags.has("resume") && flags.has("back")) throw new OperatorError("--resume and --back exclude each other", usageOf("upgrade", command));
  // what Terraform writes from here on (the state) is for this user alone
  process.umask(0o077);
  return flags.has("resume") || flags.has("back") ? unfinished(args) : begin(name, args);
}

async function begin(name: string, args: Arguments): Promise<number> {
  refuseInterrupted(name);
  const environment = loadEnvironment(name, args.directory);
  const tools = requireTools({ environment, directory: stackDirectory(name) });
  new BackupContainer(environment).require();
  say(`Checks ${name} …`);
  const stack = await deployedStack({ environment, directory: stackDirectory(name) }, tools.terraform);
  const workspace = synthesize(args);
  const upgrade = new Upgrade(propsOf(workspace, tools));
  tools.terraform.init();
  const { preview, record } = await upgrade.check();
  say(printUpgrade(workspace.stack, name, preview));
  if (preview.planned.size === 0 || args.flags.has("dry-run")) return 0;
  const journal = new UpgradeJournal(record);
  if (!args.flags.has("yes") && !(await confirmed(`Upgrade ${name}?`))) {
    throw new OperatorError("nothing was upgraded", `npm run upgrade -- ${name} --yes   # does not ask`);
  }
  writeBefore(name, { stack, state: tools.terraform.state() });
  say("Makes a backup set …");
  const set = upgrade.backup();
  journal.write({ set });
  ignoreSignals();
  return ended(name, journal, await upgrade.run(journal));
}

async function unfinished(args: Arguments): Promise<number> {
  const { environment: name, flags } = args;
  const record = unfinishedRecord(name);
  const workspace = synthesize(args);
  const tools = requireTools(workspace);
  const props = propsOf(workspace, tools);
  tools.terraform.init();
  if (flags.has("resume")) {
    if (record.step === "going back") refuseUnfinished(name);
    requireSameTarget(workspace, tools.docker, record);
  }
  await requireUnlocked(props);
  ignoreSignals();
  const journal = new UpgradeJournal(record);
  if (flags.has("resume")) return ended(name, journal, await new Upgrade(props).run(journal));
  await putBack({ ...props, journal }, "interrupted");
  say(outcome(name, journal, `The previous release of ${name} is back, with its data.`));
  return 0;
}

/** Terraform may go on after the command that started it was killed. */
async function requireUnlocked({ tools, listen, failure }: UpgradeProps): Promise<void> {
  const code = await tools.terraform.planned(listen, ["-refresh=false"]);
  if (code !== 0 && code !== CHANGES)
    throw new OperatorError(`Terraform cannot work with the state: ${failure().join("\n")}`, "wait until it ends, then run the command again");
}

function propsOf(workspace: Workspace, tools: Tools): UpgradeProps {
  const progress = new Progress(workspace.stack, (container) => new Docker(workspace.environment.docker).lastLine(container));
  return { workspace, tools, say, listen: (event) => progress.listen(event), failure: () => progress.problems() };
}

/** An interrupt ends the step that runs, whose failure puts everything back; it does not end this program. */
function ignoreSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
}

function ended(name: string, journal: UpgradeJournal, upgraded: boolean): number {
  if (upgraded) {
    say(outcome(name, journal, `${name} is upgraded.`));
    return 0;
  }
  const text = `The upgrade of ${name} failed, and the previous release runs again with its data. The environment file still names the new images.`;
  say(outcome(name, journal, text));
  return 1;
}

function outcome(name: string, { record: { result, set } }: UpgradeJournal, text: string): string {
  const made = set === undefined ? [] : [`Backup set of before: ${set}`];
  return ["", text, ...result.map((line) => `  ${line.replaceAll("\n", "\n  ")}`), ...made, `Record: terraform.${name}.tfstate.upgrade`].join("\n");
}
