import { resolve } from "node:path";
import { Docker } from "../../clients/docker/docker";
import { remoteDocker } from "../../environment/host-url";
import { loadEnvironment } from "../../environment/load";
import { rememberApplied } from "../../operations/deploy/applied-stack";
import { refuseInterrupted } from "../../operations/interrupted";
import { removeContainers, removeNetworksAndVolumes } from "../../operations/move/clear";
import { Move } from "../../operations/move/move";
import { environmentAt, type Place, writePlace } from "../../operations/move/place";
import { interruptedMove, MoveJournal, type MoveRecord, readMove } from "../../operations/move/record";
import { undoMove } from "../../operations/move/undo";
import { requireTools } from "../../operations/tools";
import { synthesize, type Workspace } from "../../operations/workspace";
import { OperatorError } from "../../system/operator-error";
import { type Arguments, type Command, usageOf } from "../command";
import { confirmed } from "../output/confirm";
import { Progress } from "../output/progress";
import { say } from "../output/say";

export const command: Command = {
  group: "run",
  oneHost: true,
  summary: "move to another server or Docker host; if that fails, the old one serves again",
  details:
    "Copies images, data and secrets while the wiki runs, stops it, copies what was changed since, starts it on the new Docker host, tests it, " +
    "and writes the new docker.host into the environment file. The exit code is 1 when the old Docker host serves again.",
  options: {
    to: { description: "the new Docker host, as in docker.host", value: "address" },
    "host-key": { description: "public SSH host key of the new Docker host, as in docker.hostKey", value: "key" },
    certificates: { description: "directory with certificates for the new Docker host, as in docker.certificates", value: "directory" },
    "dry-run": { description: "check the new Docker host, and stop there" },
    yes: { description: "do not ask for confirmation" },
    recover: { description: "undo a move that was interrupted, or finish it if the wiki runs on the new Docker host already" },
    "target-is-off": { description: "with --recover: start the old wiki although the new Docker host does not answer" },
    "remove-old": { description: "after a move: delete containers, networks, data and secrets on the old Docker host" },
  },
  changes: "interrupted",
  run,
};

async function run(args: Arguments): Promise<number> {
  const { environment: name, flags, values } = args;
  // what Terraform writes from here on (the state) is for this user alone
  process.umask(0o077);
  if (flags.has("remove-old")) return removeOld(args);
  if (flags.has("recover")) return recover(args, interruptedMove(name));
  const host = values.get("to");
  if (host === undefined) throw new OperatorError("--to is missing: the new Docker host", usageOf("move", command));
  const interrupted = interruptedMove(name);
  if (interrupted !== undefined) {
    const finished = interrupted.step === "verified";
    const code = await recover(args, interrupted);
    if (finished || code !== 0) return code;
  }
  refuseInterrupted(name);
  const certificates = values.get("certificates");
  return begin(args, { host, hostKey: values.get("host-key"), certificates: certificates === undefined ? undefined : resolve(certificates) });
}

async function begin(args: Arguments, place: Place): Promise<number> {
  const { environment: name, flags } = args;
  const next = environmentAt(args, place);
  const old = synthesize(args);
  const tools = requireTools(old);
  const progress = new Progress(old.stack, (container) => new Docker(next.docker).lastLine(container));
  const synthesizeNew = () => synthesize(args, () => next);
  say(`Checks ${name} and ${place.host} …`);
  tools.terraform.init();
  const move = new Move({
    old,
    tools,
    synthesizeNew,
    next,
    to: new Docker(next.docker),
    listen: (event) => progress.listen(event),
    say,
    failure: () => progress.problems(),
  });
  const { record, notes } = await move.check();
  say(["", `${name} moves from ${old.environment.docker.host} to ${place.host}, with ${record.volumes.join(", ")}.`, ...notes, ""].join("\n"));
  if (flags.has("dry-run")) return 0;
  if (!flags.has("yes") && !(await confirmed(`Move ${name}?`))) {
    throw new OperatorError("nothing was moved", `npm run move -- ${name} --to ${place.host} --yes   # does not ask`);
  }
  ignoreSignals();
  const journal = new MoveJournal(record);
  if (await move.run(journal)) {
    finish(args, journal, old);
    return 0;
  }
  const down = journal.record.downSeconds === undefined ? "it was not stopped" : `it was down for ${journal.record.downSeconds} s`;
  say(`\nThe move of ${name} failed. It runs on ${record.from.host} as before; ${down}.\nRecord: terraform.${name}.tfstate.move`);
  return 1;
}

async function recover(args: Arguments, record: MoveRecord | undefined): Promise<number> {
  const { environment: name, flags } = args;
  if (record === undefined) throw new OperatorError(`no move of ${name} is unfinished`, usageOf("move", command));
  const journal = new MoveJournal({ ...record, process: process.pid });
  if (record.step === "verified") {
    const workspace = synthesize(args, (environment) => ({ ...environment, docker: record.to }));
    rememberApplied(workspace);
    finish(args, journal, workspace);
    return 0;
  }
  const workspace = synthesize(args, (environment) => ({ ...environment, docker: record.from }));
  const { terraform, docker } = requireTools(workspace);
  terraform.init();
  ignoreSignals();
  const to = flags.has("target-is-off") ? undefined : new Docker(record.to);
  await undoMove({ workspace, terraform, from: docker, to, journal, say }, "interrupted");
  say(`\nThe interrupted move of ${name} is undone. It runs on ${record.from.host}.`);
  if (to === undefined) say(`Before ${record.to.host} is switched on again, make sure that ${name} does not start there.`);
  return 0;
}

/** Says where the wiki is now, and what is left to do. */
function finish(args: Arguments, journal: MoveJournal, { stack, environment: { name, dns } }: Workspace): void {
  const { from, to, downSeconds } = journal.record;
  const file = writePlace(args, to);
  journal.step("done");
  const hosts = [...new Set(Object.values(stack.urls).map((url) => new URL(url).hostname))];
  const server = remoteDocker(to.host)?.host ?? "this machine";
  const records = dns.provider === "none" ? hosts.map((host) => `  ${host} → ${server}`) : ["  set dns.ipv4 and dns.ipv6 in the environment file, then deploy"];
  say(
    [
      "",
      `${name} runs on ${to.host}. It was down for ${downSeconds} s.`,
      `${file} has the new docker.host.`,
      "",
      "Change these DNS records to the new server:",
      ...records,
      "",
      `On ${from.host} everything is stopped, and data and secrets are kept. Do not start it again.`,
      `When the wiki works: npm run move -- ${name} --remove-old`,
      `Record: terraform.${name}.tfstate.move`,
    ].join("\n"),
  );
}

async function removeOld({ environment: name, directory, flags }: Arguments): Promise<number> {
  const record = readMove(name);
  const { docker } = loadEnvironment(name, directory);
  if (record?.step !== "done" || docker.host !== record.to.host) {
    throw new OperatorError(`no move of ${name} to ${docker.host} is recorded here; nothing was deleted`, "docs/operations/update.md");
  }
  const old = new Docker(record.from);
  old.require();
  if (!flags.has("yes") && !(await confirmed(`Delete the data and secrets of ${name} on ${record.from.host}?`))) {
    throw new OperatorError("nothing was deleted", `npm run move -- ${name} --remove-old --yes   # does not ask`);
  }
  removeContainers(old, name);
  removeNetworksAndVolumes(old, name);
  say(`Nothing of ${name} is left on ${record.from.host}, but images.`);
  return 0;
}

/** An interrupt ends the step that runs, whose failure lets the old Docker host serve again; it does not end this program. */
function ignoreSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
}
