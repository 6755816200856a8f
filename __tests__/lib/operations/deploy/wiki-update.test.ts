import type { Container } from "@cdktf/provider-docker/lib/container";
import { resourceAddress } from "../../../../constructs/core/dependencies";
import { WikiUpdate } from "../../../../lib/operations/deploy/wiki-update";
import { WikiStack } from "../../../../lib/stack/wiki-stack";
import { localEnvironment } from "../../../support/example";
import { testApp } from "../../../support/plan";

const environment = localEnvironment();
const stack = new WikiStack(testApp(), environment);
const SETUP = resourceAddress(stack.wiki?.setup.container as Container);
const WIKI = "local-bookstack";

interface Scene {
  /** Whether the wiki runs before. */
  readonly running?: boolean;
  /** Address → action of the plan; that the job is replaced unless given. */
  readonly changes?: Readonly<Record<string, string>>;
  readonly noPlan?: boolean;
  readonly code?: number;
  /** What `docker start` does. */
  readonly start?: () => string;
  /** Whether the caller puts everything back after a failure. */
  readonly guarded?: boolean;
}

/** Runs an update with a fake Docker and Terraform; their calls, in order, and the exit code. */
async function run({ running = true, changes, noPlan = false, code = 0, start = () => "", guarded = false }: Scene) {
  const calls: string[] = [];
  let output = "";
  jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += text;
    return true;
  });
  const docker = {
    inspect: () => ({ State: { Running: running, Health: { Status: "healthy" } } }),
    patiently: (args: readonly string[]) => calls.push(`docker ${args.join(" ")}`),
    output: (args: readonly string[]) => {
      calls.push(`docker ${args.join(" ")}`);
      return args[0] === "start" ? start() : "";
    },
  };
  const terraform = {
    preview: async (args: readonly string[]) => {
      calls.push(`plan ${args.join(" ")}`);
      return noPlan ? undefined : new Map(Object.entries(changes ?? { [SETUP]: "replace" }));
    },
    change: async (verb: string, args: readonly string[]) => {
      calls.push(`${verb} ${args.join(" ")}`);
      return code;
    },
  };
  const tools = { docker, terraform } as unknown as ConstructorParameters<typeof WikiUpdate>[1];
  const whileStopped = guarded ? async () => void calls.push("copies") : undefined;
  const ended = await new WikiUpdate({ environment, stack, directory: "" }, tools, () => undefined, whileStopped).run({ resources: [] });
  jest.restoreAllMocks();
  return { ended, calls, output };
}

const TARGET = `-target=${SETUP}`;
/** Not even a restart of the engine may start the wiki while its database is copied. */
const HALTED = [`docker update --restart=no ${WIKI}`, `docker stop ${WIKI}`];

test("an update runs the job while the wiki is stopped, and Terraform has not removed it", async () => {
  expect(await run({})).toMatchObject({ ended: 0, calls: [`plan ${TARGET}`, ...HALTED, `apply ${TARGET}`] });
});

test("an update whose migration fails leaves the wiki of before running", async () => {
  expect(await run({ code: 1 })).toMatchObject({
    ended: 1,
    calls: [`plan ${TARGET}`, ...HALTED, `apply ${TARGET}`, `docker update --restart=always ${WIKI}`, `docker start ${WIKI}`],
  });
});

test("data are copied while the wiki is stopped, and after a failure it stays stopped: what people write then would be lost", async () => {
  const { ended, calls } = await run({ guarded: true, code: 1 });
  expect([ended, calls]).toEqual([1, [`plan ${TARGET}`, ...HALTED, "copies", `apply ${TARGET}`]]);
});

test("a wiki that cannot be started again is reported, together with the failure of the job", async () => {
  const start = () => {
    throw new Error("no space left on device");
  };
  expect(await run({ code: 1, start })).toMatchObject({ ended: 1, output: expect.stringContaining("could not be started: no space left on device") });
});

test("nothing is stopped when the job does not have to run", async () => {
  expect(await run({ changes: { "docker_container.Other": "replace" } })).toMatchObject({ ended: 0, calls: [`plan ${TARGET}`] });
});

test("nothing is stopped when no plan can be made", async () => {
  expect(await run({ noPlan: true })).toMatchObject({ ended: 1, calls: [`plan ${TARGET}`] });
});

test("changed networks replace everything on them, with a warning", async () => {
  const changes = { [SETUP]: "replace", "docker_network.Networks_database": "replace" };
  expect(await run({ changes })).toMatchObject({ ended: 0, calls: [`plan ${TARGET}`], output: expect.stringContaining("the networks change as well") });
});

test("without a running wiki there is nothing to keep", async () => {
  expect(await run({ running: false })).toMatchObject({ ended: 0, calls: [] });
});
