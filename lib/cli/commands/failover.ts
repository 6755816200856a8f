import { loadEnvironment } from "../../environment/load";
import { HOST_LABELS } from "../../environment/relations/own-names";
import { refuseInterruptedForFailover } from "../../operations/interrupted";
import { Failover, type Loss } from "../../operations/standby/failover";
import { join } from "../../operations/standby/join";
import { loadPair, type Pair } from "../../operations/standby/pair";
import { Rebuild } from "../../operations/standby/rebuild";
import { readFailover, recordStep, unfinishedFailover } from "../../operations/standby/roles";
import { prepareFollowing } from "../../operations/standby/secrets";
import { synthesize } from "../../operations/workspace";
import { secondsSince } from "../../system/elapsed";
import { OperatorError } from "../../system/operator-error";
import type { Arguments, Command } from "../command";
import { confirmed } from "../output/confirm";
import { say } from "../output/say";
import { command as deploy } from "./deploy";
import { permission, show } from "./standby";

export const command: Command = {
  group: "run",
  summary: "let the standby take over (experimental)",
  details: "Says first what would be lost. The active host is stopped if it can be reached. After an interruption, run it again.",
  options: {
    yes: { description: "do not ask for confirmation" },
    back: { description: "make the host that was active before the standby, with a copy of the data of the other one" },
    cancel: { description: "let the active host serve again after a failover that was interrupted before the standby took over" },
  },
  changes: "interrupted",
  following: true,
  run,
};

async function run(args: Arguments): Promise<number> {
  const { environment, directory, flags } = args;
  const began = Date.now();
  const pair = loadPair(environment, directory);
  if (flags.has("back")) return back(args, pair);
  const failover = new Failover(pair, say);
  if (flags.has("cancel")) return cancel(failover, environment);
  if (unfinishedFailover(environment)) {
    say(`Continues the failover to ${pair.active.name} …`);
    return start(args, pair.active.name, began);
  }
  const loss = failover.loss();
  // what was interrupted by the loss of the host cannot be finished there
  if (loss.reachable) refuseInterruptedForFailover(pair.active.name);
  say(shown(loss, pair.active.name));
  say(`Afterwards the DNS records of ${hostNames(args, pair.following.name).join(", ")} have to point to the host of ${pair.following.name}.`);
  if (!flags.has("yes") && !(await confirmed(`Move the wiki from ${pair.active.name} to ${pair.following.name}?`))) {
    throw new OperatorError("nothing was changed", `npm run failover -- ${environment} --yes   # does not ask`);
  }
  await failover.promote(loss);
  return start(args, pair.following.name, began);
}

/** Rebuilds the host that was active before: it is stopped, deployed as a replica, and copies the data. Each step may be repeated. */
async function back(args: Arguments, pair: Pair): Promise<number> {
  const { environment, directory } = args;
  const rebuild = new Rebuild(pair, say);
  rebuild.require();
  say(`${pair.following.name} is stopped, and its data are replaced by those of ${pair.active.name}: writes that never got there are lost.`);
  if (!args.flags.has("yes") && !(await confirmed(`Rebuild ${pair.following.name} as the standby?`))) {
    throw new OperatorError("nothing was changed", `npm run failover -- ${environment} --back --yes   # does not ask`);
  }
  rebuild.stop();
  const line = prepareFollowing(pair, synthesize({ environment: pair.active.name, directory }).stack);
  if (line !== undefined) {
    say(`${permission(pair, line)}\nThen: npm run failover -- ${environment} --back`);
    return 1;
  }
  const code = await deploy.run({ ...args, environment: pair.following.name, flags: new Set(["yes"]) });
  if (code !== 0) return code;
  const status = await join(pair, say);
  recordStep(environment, pair.active.name, "followed");
  return show(pair, status);
}

async function cancel(failover: Failover, environment: string): Promise<number> {
  if (readFailover(environment)?.step !== "fencing") {
    throw new OperatorError("no failover was interrupted before the standby took over", `npm run standby -- ${environment}   # shows the state`);
  }
  await failover.cancel();
  return 0;
}

/** Starts everything on the host that was promoted: a deploy of its environment, whose part is the source now. */
async function start(args: Arguments, name: string, began: number): Promise<number> {
  recordStep(args.environment, name, "starting");
  const code = await deploy.run({ ...args, environment: name, flags: new Set(["yes"]) });
  if (code !== 0) return code;
  recordStep(args.environment, name, "done");
  say(`${name} serves the wiki, after ${secondsSince(began)} s. Now change the DNS records: ${hostNames(args, name).join(", ")} to the address of its host.`);
  return 0;
}

/** What has DNS records that point to the host. */
function hostNames({ directory }: Arguments, environment: string): string[] {
  const { domain, monitoring } = loadEnvironment(environment, directory);
  const served = Object.entries(HOST_LABELS).filter(([name]) => name !== "grafana" || monitoring.enabled);
  return served.map(([, label]) => `${label}.${domain}`);
}

function shown({ reachable, complete, seconds }: Loss, active: string): string {
  if (reachable) return `${active} answers: it is stopped first, and nothing is lost.`;
  return `${active} does not answer. The standby has everything up to ${complete}, ${(seconds ?? 0).toFixed(1)} s ago; later writes are lost.`;
}
