import { statSync } from "node:fs";
import { allCommands } from "../../../lib/cli/commands";
import { beginReplacing, endReplacing } from "../../../lib/operations/backup/restore-record";
import { interruptions, refuseInterrupted, refuseInterruptedForData } from "../../../lib/operations/interrupted";
import { besideState } from "../../../lib/operations/root";
import { forgetUpgrade, UpgradeJournal } from "../../../lib/operations/upgrade/record";

const NAME = `unit-interrupted-${process.pid}`;
const SET = "20260131T020000Z";
const UPGRADE = `an upgrade of ${NAME} was interrupted while it was applying\n  → npm run upgrade -- ${NAME} --resume`;
const RESTORE = `a restore or an import of ${NAME} was interrupted; its data may be half replaced\n  → npm run restore -- ${NAME} `;

const interruptUpgrade = () => {
  const before = { format: 1, environment: NAME, process: 4_194_305, history: [], before: {}, changes: [], migrations: [], volumes: [], result: [] } as const;
  new UpgradeJournal({ ...before, step: "applying" });
};

afterEach(() => {
  forgetUpgrade(NAME);
  endReplacing(NAME);
});

test("after a restore that was killed, the next restore runs, and what would build on half of the data does not", () => {
  beginReplacing(NAME, SET);
  expect(statSync(besideState(NAME, "restore")).mode & 0o777).toBe(0o600);
  expect(() => refuseInterrupted(NAME)).toThrow(RESTORE);
  expect(() => refuseInterruptedForData(NAME)).not.toThrow();
  endReplacing(NAME);
  expect(() => refuseInterrupted(NAME)).not.toThrow();
});

test("restore and import are refused after an interrupted upgrade, as deploy is", () => {
  interruptUpgrade();
  expect(() => refuseInterrupted(NAME)).toThrow(UPGRADE);
  expect(() => refuseInterruptedForData(NAME)).toThrow(UPGRADE);
});

test("says what was interrupted", () => {
  expect(interruptions(NAME)).toEqual([]);
  interruptUpgrade();
  beginReplacing(NAME, SET);
  expect(interruptions(NAME)).toEqual([expect.stringContaining(UPGRADE), expect.stringContaining(RESTORE)]);
});

test("commands that replace all data undo a half restore; those that build on the data are refused after one", () => {
  const shown = (changes: unknown) => (typeof changes === "function" ? "by its options" : changes);
  const changing = [...allCommands()].flatMap(([name, { changes }]) => (changes === undefined ? [] : [`${name}: ${shown(changes)}`]));
  expect(changing).toEqual([
    "adopt: interrupted",
    "certificate: interrupted",
    "deploy: whole",
    "destroy: interrupted",
    "failover: interrupted",
    "host: by its options",
    "import: data",
    "move: interrupted",
    "restore: data",
    "rotate: whole",
    "rotate-secret: whole",
    "secret: interrupted",
    "standby: whole",
    "upgrade: interrupted",
  ]);
});
