import { statSync } from "node:fs";
import { refuseInterrupted } from "../../../../lib/operations/interrupted";
import { forgetMove, interruptedMove, keepState, keptState, MoveJournal, type MoveRecord, type MoveStep } from "../../../../lib/operations/move/record";
import { movedState, successor } from "../../../../lib/operations/move/state";
import { besideState } from "../../../../lib/operations/root";
import { moveRecord } from "../../../support/move-record";

const NAME = `unit-move-${process.pid}`;
/** No process has this id: Linux gives none above 4194304. */
const ENDED = 4_194_305;

function recorded(step: MoveStep, process = ENDED): MoveRecord {
  const places = { from: { host: "ssh://old.example.com" }, to: { host: "ssh://new.example.com" } };
  return moveRecord(NAME, { process, step, ...places });
}

afterEach(() => forgetMove(NAME));

test("a record and the state of before are for this account alone", () => {
  new MoveJournal(recorded("copying")).step("preparing");
  keepState(NAME, { resources: [] });
  expect(["move", "move-before"].map((ending) => statSync(besideState(NAME, ending)).mode & 0o777)).toEqual([0o600, 0o600]);
  expect(keptState(NAME)).toEqual({ resources: [] });
});

test.each(["copying", "preparing", "switching", "going back"] as const)(
  "after a move that was killed while it was %s, nothing is changed until the old Docker host serves again",
  (step) => {
    new MoveJournal(recorded(step));
    expect(() => refuseInterrupted(NAME)).toThrow(
      `a move of ${NAME} from ssh://old.example.com to ssh://new.example.com was interrupted while it was ${step}\n  → npm run move -- ${NAME} --recover   # the old Docker host serves again`,
    );
  },
);

test("a move that was killed when the wiki ran on the new Docker host is finished, and not undone", () => {
  new MoveJournal(recorded("verified"));
  expect(() => refuseInterrupted(NAME)).toThrow(/--recover {3}# finish it$/);
});

test.each(["done", "back"] as const)("nothing is refused after a move that is %s", (step) => {
  new MoveJournal(recorded(step));
  expect(() => refuseInterrupted(NAME)).not.toThrow();
  expect(interruptedMove(NAME)).toBeUndefined();
});

test("a move that still works is left alone", () => {
  new MoveJournal(recorded("switching", process.ppid));
  expect(() => refuseInterrupted(NAME)).toThrow(`a move of ${NAME} is running (switching), in process ${process.ppid} of this machine\n  → wait until it ends`);
});

test("the state of the new Docker host has nothing of Docker, and keeps DNS records", () => {
  const resources = ["docker_container", "docker_volume", "cloudflare_dns_record"].map((type) => ({ type, name: "one", instances: [] }));
  const moved = movedState({ lineage: "a", serial: 7, resources });
  expect(moved).toEqual({ lineage: "a", serial: 8, resources: [resources[2]] });
  expect(successor({ lineage: "a", serial: 7, resources }, { ...moved, serial: 12 })).toEqual({ lineage: "a", serial: 13, resources });
});
