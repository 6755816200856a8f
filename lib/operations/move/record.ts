import { existsSync, readFileSync, rmSync } from "node:fs";
import type { State } from "../../clients/terraform/state";
import type { Environment } from "../../environment/schema";
import { OperatorError } from "../../system/operator-error";
import { isRunning } from "../../system/process";
import { writeWhole } from "../../system/whole-file";
import { besideState } from "../deploy/applied-stack";

/** How far a move is, or how it ended. */
export type MoveStep = "copying" | "preparing" | "switching" | "verified" | "going back" | "done" | "back";

/** Steps after which something has to be finished or undone. */
const UNFINISHED: readonly MoveStep[] = ["copying", "preparing", "switching", "verified", "going back"];

/** What a move writes down before it changes anything, and with each step. It contains no secret. */
export interface MoveRecord {
  readonly format: 1;
  readonly environment: string;
  /** Process that works on it. */
  readonly process: number;
  readonly step: MoveStep;
  /** Each step with its time. */
  readonly history: readonly { readonly step: MoveStep; readonly at: string }[];
  readonly from: Environment["docker"];
  readonly to: Environment["docker"];
  /** Services of the old Docker host, in the order in which they are started. */
  readonly services: readonly string[];
  /** Volumes with data and secrets that are copied. */
  readonly volumes: readonly string[];
  /** Whether the state describes the new Docker host; the state of before is kept in a file then. @default false */
  readonly stateMoved?: boolean;
  /** Seconds from the stop of the old wiki until one of the two answered again. @default - nothing was stopped */
  readonly downSeconds?: number;
  /** What was tested, or why the old Docker host serves again. */
  readonly result: readonly string[];
}

/** The record of one move; each change is on the disk before anything else happens. */
export class MoveJournal {
  constructor(public record: MoveRecord) {
    this.write({});
  }

  public step(step: MoveStep, more: Partial<MoveRecord> = {}): void {
    this.write({ ...more, step, history: [...this.record.history, { step, at: new Date().toISOString() }] });
  }

  public write(more: Partial<MoveRecord>): void {
    this.record = { ...this.record, ...more };
    writeWhole(besideState(this.record.environment, "move"), `${JSON.stringify(this.record, null, 2)}\n`);
  }
}

/** The record of the last move; nothing when there was none. */
export function readMove(environment: string): MoveRecord | undefined {
  const file = besideState(environment, "move");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as MoveRecord) : undefined;
}

/** Keeps the state that describes the old Docker host. */
export function keepState(environment: string, state: State): void {
  writeWhole(besideState(environment, "move-before"), JSON.stringify(state));
}

export function keptState(environment: string): State {
  return JSON.parse(readFileSync(besideState(environment, "move-before"), "utf8"));
}

export function forgetMove(environment: string): void {
  for (const ending of ["move", "move-before"]) rmSync(besideState(environment, ending), { force: true });
}

/**
 * The record of a move that was interrupted; nothing when the last one ended.
 *
 * @throws OperatorError when its process still works.
 */
export function interruptedMove(environment: string): MoveRecord | undefined {
  const record = readMove(environment);
  if (record === undefined || !UNFINISHED.includes(record.step)) return undefined;
  if (record.process !== process.pid && isRunning(record.process)) {
    throw new OperatorError(`a move of ${environment} is running (${record.step}), in process ${record.process} of this machine`, "wait until it ends");
  }
  return record;
}

/** @throws OperatorError when a move was interrupted: the state may not describe the Docker host of the environment file. */
export function refuseInterruptedMove(environment: string): void {
  const record = interruptedMove(environment);
  if (record === undefined) return;
  const meaning = record.step === "verified" ? "finish it" : "the old Docker host serves again";
  throw new OperatorError(
    `a move of ${environment} from ${record.from.host} to ${record.to.host} was interrupted while it was ${record.step}`,
    `npm run move -- ${environment} --recover   # ${meaning}`,
  );
}
