import { existsSync, readFileSync } from "node:fs";
import { OperatorError } from "../system/operator-error";
import { isRunning } from "../system/process";
import { writeWhole } from "../system/whole-file";
import { besideState } from "./root";

/** What an operation of several steps writes down before it changes anything, and with each step. It contains no secret. */
export interface JournalRecord<Step extends string> {
  readonly format: 1;
  readonly environment: string;
  /** Process that works on it. */
  readonly process: number;
  readonly step: Step;
  /** Each step with its time. */
  readonly history: readonly { readonly step: Step; readonly at: string }[];
}

/** The record of one operation, in a file beside the state; each change is on the disk before anything else happens. */
export class Journal<Entry extends JournalRecord<string>> {
  constructor(
    private readonly ending: string,
    public record: Entry,
  ) {
    this.write({});
  }

  public step(step: Entry["step"], more: Partial<Entry> = {}): void {
    this.write({ ...more, step, history: [...this.record.history, { step, at: new Date().toISOString() }] });
  }

  public write(more: Partial<Entry>): void {
    this.record = { ...this.record, ...more };
    writeRecord(this.record, this.ending);
  }
}

/** Writes a record whole, or not at all. */
export function writeRecord(record: { readonly environment: string }, ending: string): void {
  writeWhole(besideState(record.environment, ending), `${JSON.stringify(record, null, 2)}\n`);
}

/** The record of the last operation of the kind; nothing when there was none. */
export function readJournal<Entry>(environment: string, ending: string): Entry | undefined {
  const file = besideState(environment, ending);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Entry) : undefined;
}

/** @throws OperatorError when `what`, such as "a move", is done by another process that still works. */
export function refuseRunning(what: string, { environment, process: id, step }: JournalRecord<string>): void {
  if (id === process.pid || !isRunning(id)) return;
  throw new OperatorError(`${what} of ${environment} is running (${step}), in process ${id} of this machine`, "wait until it ends");
}
