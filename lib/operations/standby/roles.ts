import { rmSync } from "node:fs";
import { environmentNames, loadEnvironment } from "../../environment/load";
import type { Environment } from "../../environment/schema";
import { nameOfStandby, standbyName } from "../../environment/standby";
import { OperatorError } from "../../system/operator-error";
import { readJournal, writeRecord } from "../journal";
import { besideState } from "../root";

const ENDING = "failover";

/**
 * How far a failover is: each step is on the disk before it begins. `done`: the other host is not rebuilt; `followed`: it follows;
 * `cancelled`: the active host stayed.
 */
export type FailoverStep = "fencing" | "promoting" | "starting" | "done" | "followed" | "cancelled";

/** Which of the two hosts is written to, and what the last failover did. */
export interface FailoverRecord {
  readonly format: 1;
  /** Environment of the file. */
  readonly environment: string;
  /** Environment whose host is written to, as soon as `step` is later than "fencing". */
  readonly active: string;
  readonly step: FailoverStep;
  readonly history: readonly { readonly step: FailoverStep; readonly active: string; readonly at: string }[];
}

/** The record of the last failover; nothing when there was none. */
export function readFailover(environment: string): FailoverRecord | undefined {
  return readJournal(nameOfStandby(environment) ?? environment, ENDING);
}

export function recordStep(environment: string, active: string, step: FailoverStep): void {
  const history = [...(readFailover(environment)?.history ?? []), { step, active, at: new Date().toISOString() }];
  const record: FailoverRecord = { format: 1, environment, active, step, history };
  writeRecord(record, ENDING);
}

/** Whether a failover was interrupted after the database was promoted. */
export function unfinishedFailover(environment: string): boolean {
  const step = readFailover(environment)?.step;
  return step === "promoting" || step === "starting";
}

/**
 * Refuses what would work against a failover that was interrupted.
 *
 * @throws OperatorError with the command that finishes it.
 */
export function refuseInterruptedFailover(name: string): void {
  const record = readFailover(name);
  if (record === undefined || ["done", "followed", "cancelled"].includes(record.step)) return;
  const { environment, active, step } = record;
  const cancel = step === "fencing" ? [`npm run failover -- ${environment} --cancel   # ${otherName(record, active)} serves again`] : [];
  throw new OperatorError(
    `a failover of ${environment} to ${active} was interrupted while it was ${step}`,
    [`npm run failover -- ${environment}   # finish it`, ...cancel].join("\n"),
  );
}

/** Environment whose host is written to. */
export function activeName(environment: string): string {
  const record = readFailover(environment);
  if (record === undefined) return environment;
  return record.step === "fencing" ? otherName(record, record.active) : record.active;
}

/**
 * Refuses a command that needs the wiki for a host that has none.
 *
 * @throws OperatorError when the environment follows another one.
 */
export function requireServing(environment: string, directory: string | undefined, command: string): void {
  const base = nameOfStandby(environment) ?? environment;
  if (base === environment && readFailover(environment) === undefined) return;
  if (!environmentNames(directory).some((name) => name === base || name === environment)) return;
  const { replication } = withRecordedRole(loadEnvironment(environment, directory), directory);
  if (replication?.role !== "replica") return;
  const active = activeName(base);
  throw new OperatorError(`${environment} follows ${active}, and has no wiki of its own`, `npm run ${command} -- ${active}`);
}

/** After the data of the active host were deleted, no failover decides any more which host is written to. */
export function forgetFailover(name: string): void {
  const base = nameOfStandby(name) ?? name;
  if (activeName(base) === name) rmSync(besideState(base, ENDING), { force: true });
}

function otherName({ environment }: FailoverRecord, name: string): string {
  return name === environment ? standbyName(environment) : environment;
}

/** The environment with the part that it has since the last failover: one of the two is the source, the other the replica. */
export function withRecordedRole(environment: Environment, directory: string | undefined): Environment {
  const { replication, name } = environment;
  if (replication === undefined) return environment;
  const { serverId } = replication;
  const base = serverId === 1 ? name : (nameOfStandby(name) ?? name);
  const record = readFailover(base);
  const other = () => loadEnvironment(serverId === 1 ? standbyName(base) : base, directory);
  if (activeName(base) === name) {
    const fences = record !== undefined && !["fencing", "cancelled"].includes(record.step) ? { fences: other().docker } : {};
    return { ...environment, replication: { role: "source", serverId, ...fences } };
  }
  return { ...environment, replication: { role: "replica", serverId, source: other().docker } };
}
