import { readFileSync, rmSync } from "node:fs";
import type { State } from "../../clients/terraform/state";
import type { Environment } from "../../environment/schema";
import { OperatorError } from "../../system/operator-error";
import { writeWhole } from "../../system/whole-file";
import { Journal, type JournalRecord, readJournal, refuseRunning } from "../journal";
import { besideState } from "../root";

/** How far a move is, or how it ended. */
export type MoveStep = "copying" | "preparing" | "switching" | "verified" | "going back" | "done" | "back";

/** Steps after which something has to be finished or undone. */
const UNFINISHED: readonly MoveStep[] = ["copying", "preparing", "switching", "verified", "going back"];

const ENDING = "move";

/** What a move writes down. */
export interface MoveRecord extends JournalRecord<MoveStep> {
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

/** The record of one move. */
export class MoveJournal extends Journal<MoveRecord> {
  constructor(record: MoveRecord) {
    super(ENDING, record);
  }
}

/** The record of the last move; nothing when there was none. */
export function readMove(environment: string): MoveRecord | undefined {
  return readJournal(environment, ENDING);
}

/** Keeps the state that describes the old Docker host. */
export function keepState(environment: string, state: State): void {
  writeWhole(besideState(environment, "move-before"), JSON.stringify(state));
}

export function keptState(environment: string): State {
  return JSON.parse(readFileSync(besideState(environment, "move-before"), "utf8"));
}

export function forgetMove(environment: string): void {
  for (const ending of [ENDING, "move-before"]) rmSync(besideState(environment, ending), { force: true });
}

/**
 * The record of a move that was interrupted; nothing when the last one ended.
 *
 * @throws OperatorError when its process still works.
 */
export function interruptedMove(environment: string): MoveRecord | undefined {
  const record = readMove(environment);
  if (record === undefined || !UNFINISHED.includes(record.step)) return undefined;
  refuseRunning("a move", record);
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
