import { isClose, join } from "../../operations/standby/join";
import { loadPair, type Pair } from "../../operations/standby/pair";
import { ReplicatedServer, type ReplicationStatus } from "../../operations/standby/replica";
import { readFailover } from "../../operations/standby/roles";
import { prepareFollowing } from "../../operations/standby/secrets";
import { synthesize } from "../../operations/workspace";
import { OperatorError } from "../../system/operator-error";
import type { Arguments, Command } from "../command";
import { say } from "../output/say";

export const command: Command = {
  group: "run",
  summary: "set up the second host as standby, or show how far it is behind (experimental)",
  details: "The first run prints a line for the SSH server of the active host. The second host is then deployed, and this command run again.",
  options: { join: { description: "copy the data of the active host again, and follow it" } },
  changes: "whole",
  following: true,
  run,
};

async function run({ environment, directory, flags }: Arguments): Promise<number> {
  const pair = loadPair(environment, directory);
  requireRebuilt(pair);
  const server = new ReplicatedServer(pair.following);
  const isNew = !server.runs();
  if (isNew || flags.has("join")) {
    const line = prepareFollowing(pair, synthesize({ environment: pair.active.name, directory }).stack);
    say(`${pair.following.name} has the secrets that it shares with ${pair.active.name}.`);
    if (line !== undefined) say(permission(pair, line));
  }
  if (isNew) {
    say(`Then: npm run deploy -- ${pair.following.name} && npm run standby -- ${environment}`);
    return 0;
  }
  const status = server.status();
  if (!flags.has("join") && status.following !== null) return show(pair, status);
  return show(pair, await join(pair, say));
}

/** @throws OperatorError when the following host was the active one, and may have writes that the other never got. */
function requireRebuilt({ name, following }: Pair): void {
  if (readFailover(name)?.step !== "done") return;
  throw new OperatorError(`${following.name} was the active host, and is not the standby yet`, `npm run failover -- ${name} --back`);
}

export function show({ active, following }: Pair, status: ReplicationStatus): number {
  const seconds = status.behind === null ? "unknown" : `${status.behind.toFixed(1)} s`;
  say(`${following.name} follows ${active.name}: ${status.following === 1 ? "yes" : "no"}; behind: ${seconds}`);
  for (const problem of [status.error, status.applyError]) if (problem) say(`  ${problem}`);
  return isClose(status) ? 0 : 1;
}

/** What the operator has to permit on the active host. */
export function permission({ active }: Pair, line: string): string {
  return `Add this line to ~/.ssh/authorized_keys of the account of ${active.docker.host}:\n\n${line}\n`;
}
