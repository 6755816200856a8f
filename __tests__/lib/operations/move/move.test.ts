import { Move, type MoveProps } from "../../../../lib/operations/move/move";
import { forgetMove, keptState, MoveJournal, readMove } from "../../../../lib/operations/move/record";
import { WikiStack } from "../../../../lib/stack/wiki-stack";
import { localEnvironment } from "../../../support/example";
import { moveRecord } from "../../../support/move-record";
import { testApp } from "../../../support/plan";

const calls: string[] = [];
let failing = "";
const note = (call: string) => {
  calls.push(call);
  if (call === failing) throw new Error(`${call} failed`);
};
jest.mock("../../../../lib/operations/move/images", () => ({ bringImages: () => note("images") }));
jest.mock("../../../../lib/operations/move/volumes", () => ({
  VolumeTransfer: jest.fn(() => ({ first: () => note("first pass"), second: () => note("second pass"), endLeftovers: () => note("list removed") })),
}));
jest.mock("../../../../lib/operations/move/old-place", () => ({ stopServices: () => note("stop old") }));
jest.mock("../../../../lib/operations/move/undo", () => ({ undoMove: (_: unknown, reason: string) => note(`undo: ${reason}`) }));
jest.mock("../../../../lib/operations/upgrade/wiki", () => ({
  Wiki: jest.fn(() => ({
    smokeTest: () => {
      note("test new");
      return ["book: works"];
    },
  })),
}));
jest.mock("../../../../lib/operations/deploy/built-images");
jest.mock("../../../../lib/operations/deploy/apply", () => ({ filesOf: () => [] }));
jest.mock("../../../../lib/operations/deploy/applied-stack", () => ({
  ...jest.requireActual("../../../../lib/operations/deploy/applied-stack"),
  rememberApplied: () => note("remember"),
}));
jest.mock("node:fs", () => {
  const real = jest.requireActual("node:fs");
  const stack = JSON.stringify({ resource: { docker_network: { Proxy: {} } } });
  return { ...real, readFileSync: (path: string, ...more: unknown[]) => (String(path).endsWith("cdk.tf.json") ? stack : real.readFileSync(path, ...more)) };
});

const environment = { ...localEnvironment(), name: `unit-moving-${process.pid}` };
const { name } = environment;
const stack = new WikiStack(testApp(), environment);

function play() {
  calls.length = 0;
  const workspace = { environment, stack, directory: "" };
  const docker = { inspect: () => undefined };
  const terraform = {
    state: () => ({ serial: 4, resources: [{ type: "docker_volume", name: "one", instances: [] }] }),
    pushState: ({ serial, resources }: { serial: number; resources: unknown[] }) => note(`state ${serial} of ${resources.length}`),
    change: async (verb: string, args: readonly string[]) => {
      note([verb, ...args].join(" "));
      return failing === "everything" && args.length === 0 ? 1 : 0;
    },
  };
  const journal = new MoveJournal(moveRecord(name, { services: ["db"], volumes: ["data"] }));
  const move = new Move({
    old: workspace,
    tools: { docker, terraform },
    synthesizeNew: () => {
      note("stack of new");
      return workspace;
    },
    next: environment,
    to: docker,
    listen: () => undefined,
    say: () => undefined,
    failure: () => ["a port is taken"],
  } as unknown as MoveProps);
  return { journal, move };
}

afterEach(() => {
  failing = "";
  forgetMove(name);
});

const WHILE_RUNNING = ["images", "first pass", "state 5 of 0", "stack of new", "apply -target=docker_network.Proxy"];

test("data are copied and networks created while the old wiki runs; the new one starts after it is stopped and the rest is copied", async () => {
  const { journal, move } = play();
  expect(await move.run(journal)).toBe(true);
  expect(calls).toEqual([...WHILE_RUNNING, "stop old", "second pass", "apply", "test new", "remember", "list removed"]);
  expect(readMove(name)).toMatchObject({ step: "verified", result: ["book: works"], downSeconds: 0 });
  expect(keptState(name)).toMatchObject({ serial: 4 });
});

test.each([
  ["images", ["images"], "images failed"],
  ["second pass", [...WHILE_RUNNING, "stop old", "second pass"], "second pass failed"],
  ["everything", [...WHILE_RUNNING, "stop old", "second pass", "apply"], "not everything could be deployed on the new Docker host\n  → a port is taken"],
  ["test new", [...WHILE_RUNNING, "stop old", "second pass", "apply", "test new"], "test new failed"],
] as const)("a failure of %s lets the old Docker host serve again", async (step, before, reason) => {
  const { journal, move } = play();
  failing = step;
  expect(await move.run(journal)).toBe(false);
  expect(calls).toEqual([...before, `undo: ${reason}`]);
});

test("an old Docker host that is gone after the test does not undo a move", async () => {
  const { journal, move } = play();
  failing = "list removed";
  expect(await move.run(journal)).toBe(true);
  expect(calls.filter((call) => call.startsWith("undo"))).toEqual([]);
  expect(readMove(name)?.step).toBe("verified");
});
