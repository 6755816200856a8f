import type { MoveRecord } from "../../lib/operations/move/record";

/** Record of a move by this process between two places. */
export function moveRecord(environment: string, more: Partial<MoveRecord>): MoveRecord {
  const places = { from: { host: "unix:///old.sock" }, to: { host: "ssh://new.example.com" } };
  return { format: 1, environment, process: process.pid, step: "copying", history: [], services: [], volumes: [], result: [], ...places, ...more };
}
