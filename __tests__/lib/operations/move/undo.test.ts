import { forgetMove, keepState, MoveJournal, readMove } from "../../../../lib/operations/move/record";
import { type UndoProps, undoMove } from "../../../../lib/operations/move/undo";
import { WikiStack } from "../../../../lib/stack/wiki-stack";
import { localEnvironment } from "../../../support/example";
import { moveRecord } from "../../../support/move-record";
import { testApp } from "../../../support/plan";

const smokeTest = jest.fn(() => ["book: works"]);
jest.mock("../../../../lib/operations/upgrade/wiki", () => ({ Wiki: jest.fn(() => ({ smokeTest: () => smokeTest() })) }));

const environment = { ...localEnvironment(), name: `unit-undo-${process.pid}` };
const { name } = environment;
const stack = new WikiStack(testApp(), environment);
const SERVICES = [`${name}-bookstack-db`, `${name}-bookstack`];

/** Two engines that write down in order what is changed on them. */
function play({ answers = true, stateMoved = true, locked = false } = {}) {
  const calls: string[] = [];
  const stopped = new Set(SERVICES);
  const engine = (side: string, containers: readonly string[]) => {
    const call = (args: readonly string[]) => {
      if (args[0] === "start") for (const started of args.slice(1)) stopped.delete(started);
      calls.push(`${side} ${args.join(" ")}`);
      return "";
    };
    return {
      require: () => {
        if (!answers && side === "new") throw new Error("no Docker engine answers");
      },
      inspect: (container: string) =>
        SERVICES.includes(container) ? { State: { Running: !stopped.has(container), Health: { Status: "healthy" } } } : undefined,
      labelled: (kind: string) => (kind === "container" ? containers : [`${name}-${kind}`]),
      names: () => [],
      output: call,
      patiently: call,
    };
  };
  const terraform = {
    state: () => ({ serial: 9, resources: [] }),
    pushState: ({ serial }: { serial: number }) => {
      if (locked) throw new Error("Error acquiring the state lock");
      calls.push(`state ${serial}`);
    },
  };
  keepState(name, { serial: 4, resources: [] });
  const record = moveRecord(name, { step: "switching", services: SERVICES, stateMoved });
  const props = {
    workspace: { environment, stack, directory: "" },
    terraform,
    from: engine("old", []),
    to: engine("new", SERVICES),
    journal: new MoveJournal(record),
    say: () => undefined,
  } as unknown as UndoProps;
  return { calls, props };
}

afterEach(() => forgetMove(name));

test("the old wiki is started after every container of the new Docker host is removed, and data are deleted there last", async () => {
  const { calls, props } = play();
  await undoMove(props, "a reason");
  expect(calls).toEqual([
    "state 10",
    `new stop --time=120 ${SERVICES.join(" ")}`,
    `new rm --force --volumes ${SERVICES.join(" ")}`,
    `old update --restart=always ${SERVICES.join(" ")}`,
    `old start ${SERVICES.join(" ")}`,
    `new network rm ${name}-network`,
    `new volume rm ${name}-volume`,
  ]);
  expect(readMove(name)).toMatchObject({ step: "back", stateMoved: false, result: ["a reason", "book: works"] });
});

test("the old wiki is not started while nobody knows what the new Docker host runs", async () => {
  const { calls, props } = play({ answers: false });
  await expect(undoMove(props, "a reason")).rejects.toThrow(
    `the new Docker host ssh://new.example.com does not answer, and the wiki may run there; the old one was not started: no Docker engine answers\n  → npm run move -- ${name} --recover   # when it answers again\n    npm run move -- ${name} --recover --target-is-off   # if it is off and stays off`,
  );
  expect(calls).toEqual(["state 10"]);
  expect(readMove(name)?.step).toBe("going back");
});

test("the old wiki is started without the new Docker host if the user says that it is off", async () => {
  const { calls, props } = play({ answers: false });
  await undoMove({ ...props, to: undefined }, "a reason");
  expect(calls.filter((call) => call.startsWith("new"))).toEqual([]);
  expect(calls).toContain(`old start ${SERVICES.join(" ")}`);
});

test("nothing is undone while a Terraform that was left behind still works", async () => {
  const { calls, props } = play({ locked: true });
  await expect(undoMove(props, "a reason")).rejects.toThrow("acquiring the state lock");
  expect(calls).toEqual([]);
});

test("a state that was not changed yet is left alone", async () => {
  const { calls, props } = play({ stateMoved: false });
  await undoMove(props, "a reason");
  expect(calls.filter((call) => call.startsWith("state"))).toEqual([]);
});

test("a test that fails on the old wiki keeps the data on the new Docker host", async () => {
  const { calls, props } = play();
  smokeTest.mockImplementationOnce(() => {
    throw new Error("search is answered 500");
  });
  await expect(undoMove(props, "a reason")).rejects.toThrow("search is answered 500");
  expect(calls.filter((call) => call.startsWith("new volume"))).toEqual([]);
});
