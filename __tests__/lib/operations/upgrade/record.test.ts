import { chmodSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { besideState } from "../../../../lib/operations/root";
import {
  forgetUpgrade,
  readBefore,
  readRecord,
  refuseUnfinished,
  type Step,
  UpgradeJournal,
  type UpgradeRecord,
  unfinishedRecord,
  writeBefore,
} from "../../../../lib/operations/upgrade/record";

const NAME = `unit-${process.pid}`;
const FILE = besideState(NAME, "upgrade");
/** No process has this id: Linux gives none above 4194304. */
const ENDED = 4_194_305;

function recorded(step: Step, process = ENDED): UpgradeRecord {
  return { format: 1, environment: NAME, process, step, history: [], before: {}, changes: [], migrations: [], volumes: [], result: [] };
}

afterEach(() => forgetUpgrade(NAME));

test("a record and what ran before are for this account alone, and lie where git does not look", () => {
  new UpgradeJournal(recorded("checked")).step("applying");
  writeBefore(NAME, { stack: "{}", state: { resources: [] } });
  const written = [FILE, besideState(NAME, "upgrade-before")];
  expect(written.map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
  expect(written.map((file) => /^terraform\.[^.]+\.tfstate/.test(basename(file)))).toEqual([true, true]);
  expect(readRecord(NAME)).toMatchObject({ step: "applying", history: [{ step: "applying", at: expect.stringMatching(/^\d{4}-/) }] });
  expect(readBefore(NAME)).toEqual({ stack: "{}", state: { resources: [] } });
});

test("a record that cannot be written leaves the one before, and no half of a file", () => {
  const journal = new UpgradeJournal(recorded("checked"));
  // a directory of that name takes the place of the file that would be renamed
  mkdirSync(`${FILE}.${process.pid}.partial`);
  expect(() => journal.step("applying")).toThrow(/EISDIR/);
  rmSync(`${FILE}.${process.pid}.partial`, { recursive: true });
  expect(readRecord(NAME)?.step).toBe("checked");
  expect(readdirSync(dirname(FILE)).filter((name) => name.includes(NAME) && name.endsWith(".partial"))).toEqual([]);
  chmodSync(FILE, 0o600);
});

describe("after a killed upgrade", () => {
  test.each(["applying", "testing"] as const)("the next deploy is refused while it was %s, and says how to go on", (step) => {
    new UpgradeJournal(recorded(step));
    const message = `an upgrade of ${NAME} was interrupted while it was ${step}\n  → npm run upgrade -- ${NAME} --resume   # continue\n    npm run upgrade -- ${NAME} --back     # put the previous release and its data back`;
    expect(() => refuseUnfinished(NAME)).toThrow(message);
    expect(unfinishedRecord(NAME).step).toBe(step);
  });

  test("one that was going back can only go on going back", () => {
    new UpgradeJournal(recorded("going back"));
    expect(() => refuseUnfinished(NAME)).toThrow(`was interrupted while it was going back\n  → npm run upgrade -- ${NAME} --back`);
  });

  test.each(["checked", "done", "put back"] as const)("nothing is refused when it was %s: what runs is whole", (step) => {
    new UpgradeJournal(recorded(step));
    expect(() => refuseUnfinished(NAME)).not.toThrow();
    expect(() => unfinishedRecord(NAME)).toThrow(`no upgrade of ${NAME} is unfinished`);
  });

  test("one that still works is left alone", () => {
    new UpgradeJournal(recorded("checked", process.ppid));
    expect(() => refuseUnfinished(NAME)).toThrow(
      `an upgrade of ${NAME} is running (checked), in process ${process.ppid} of this machine\n  → wait until it ends`,
    );
    new UpgradeJournal(recorded("applying", process.ppid));
    expect(() => refuseUnfinished(NAME)).toThrow(`an upgrade of ${NAME} is running (applying), in process`);
    expect(() => unfinishedRecord(NAME)).toThrow("wait until it ends");
  });
});
