import { readFileSync, rmSync } from "node:fs";
import { OperatorError } from "../../system/operator-error";
import { writeWhole } from "../../system/whole-file";
import { Journal, type JournalRecord, readJournal, refuseRunning } from "../journal";
import { besideState } from "../root";
import type { ImageChange, RunningImage } from "./images";
import type { CopiedVolume } from "./volume-copies";

/** How far an upgrade is, or how it ended. */
export type Step = "checked" | "applying" | "testing" | "going back" | "done" | "put back";

/** Steps after which a wiki is neither what it was nor what it becomes. */
const UNFINISHED: readonly Step[] = ["applying", "testing", "going back"];

const ENDING = "upgrade";
const WHAT = "an upgrade";

/** What an upgrade writes down. */
export interface UpgradeRecord extends JournalRecord<Step> {
  /** What ran before, by container. */
  readonly before: Readonly<Record<string, RunningImage>>;
  readonly changes: readonly ImageChange[];
  /** Schema migrations of the wiki that the upgrade runs. */
  readonly migrations: readonly string[];
  /** Backup set that was made just before. @default - none yet */
  readonly set?: string;
  /** Volumes that are copied before the services that write them are replaced. */
  readonly volumes: readonly CopiedVolume[];
  /** When all of these copies were complete. @default - they are not yet */
  readonly copiedAt?: string;
  /** Why the wiki could not be asked by its address before. @default - it could */
  readonly unreachable?: string;
  /** What was tested, or why the previous release was put back. */
  readonly result: readonly string[];
}

/** What is needed to put the previous release back. */
export interface Before {
  /** Terraform JSON of the stack that ran. */
  readonly stack: string;
  /** Terraform's state at that time, for people: it is never written back. */
  readonly state: unknown;
}

/** The record of one upgrade. */
export class UpgradeJournal extends Journal<UpgradeRecord> {
  constructor(record: UpgradeRecord) {
    super(ENDING, record);
  }
}

/** The record of the last upgrade; nothing when there was none. */
export function readRecord(environment: string): UpgradeRecord | undefined {
  return readJournal(environment, ENDING);
}

export function writeBefore(environment: string, before: Before): void {
  writeWhole(besideState(environment, "upgrade-before"), JSON.stringify(before));
}

export function readBefore(environment: string): Before {
  return JSON.parse(readFileSync(besideState(environment, "upgrade-before"), "utf8"));
}

/** After an environment is taken down there is nothing to resume. */
export function forgetUpgrade(environment: string): void {
  for (const ending of [ENDING, "upgrade-before", "applied"]) rmSync(besideState(environment, ending), { force: true });
}

/**
 * The record of an upgrade that was interrupted.
 *
 * @throws OperatorError when there is none, or its process still works.
 */
export function unfinishedRecord(environment: string): UpgradeRecord {
  const record = readRecord(environment);
  if (record === undefined || !UNFINISHED.includes(record.step)) {
    throw new OperatorError(`no upgrade of ${environment} is unfinished`, `npm run upgrade -- ${environment}`);
  }
  refuseRunning(WHAT, record);
  return record;
}

/** @throws OperatorError when an upgrade was interrupted: whatever else is deployed would mix two releases. */
export function refuseUnfinished(environment: string): void {
  const record = readRecord(environment);
  if (record === undefined) return;
  if (record.step === "checked") refuseRunning(WHAT, record);
  if (!UNFINISHED.includes(record.step)) return;
  refuseRunning(WHAT, record);
  const resume = record.step === "going back" ? [] : [`npm run upgrade -- ${environment} --resume   # continue`];
  throw new OperatorError(
    `an upgrade of ${environment} was interrupted while it was ${record.step}`,
    [...resume, `npm run upgrade -- ${environment} --back     # put the previous release and its data back`].join("\n"),
  );
}
