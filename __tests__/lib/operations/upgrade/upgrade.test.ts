import { rememberApplied } from "../../../../lib/operations/deploy/applied-stack";
import { apply } from "../../../../lib/operations/deploy/apply";
import { prove, requireImages } from "../../../../lib/operations/upgrade/proof";
import { putBack } from "../../../../lib/operations/upgrade/put-back";
import { forgetUpgrade, readRecord, UpgradeJournal, type UpgradeRecord } from "../../../../lib/operations/upgrade/record";
import { requireSameTarget, Upgrade, type UpgradeProps } from "../../../../lib/operations/upgrade/upgrade";
import { WikiStack } from "../../../../lib/stack/wiki-stack";
import { localEnvironment } from "../../../support/example";
import { testApp } from "../../../support/plan";

jest.mock("../../../../lib/operations/deploy/apply");
jest.mock("../../../../lib/operations/deploy/built-images");
jest.mock("../../../../lib/operations/deploy/unfinished-deploy");
jest.mock("../../../../lib/operations/upgrade/proof");
jest.mock("../../../../lib/operations/upgrade/put-back");
jest.mock("../../../../lib/operations/deploy/applied-stack", () => ({
  ...jest.requireActual("../../../../lib/operations/deploy/applied-stack"),
  rememberApplied: jest.fn(),
}));

const environment = { ...localEnvironment(), name: `unit-upgrade-${process.pid}` };
const { name } = environment;
const stack = new WikiStack(testApp(), environment);
const WIKI = `${name}-bookstack`;

/** An upgrade with a fake Docker and Terraform: the calls that change something, in order. */
function play({ running = true } = {}) {
  const calls: string[] = [];
  const stopped = new Set(running ? [] : [`${name}-bookstack-db`]);
  const call = (args: readonly string[]) => {
    if (args[0] === "stop") stopped.add(args.at(-1) ?? "");
    if (args[0] === "start") stopped.delete(args.at(-1) ?? "");
    calls.push(args[0] === "run" ? "copy" : args.filter((arg) => !arg.startsWith("--label")).join(" "));
    return "";
  };
  const docker = {
    inspect: (container: string) =>
      container.endsWith("-upgrade-copy") ? undefined : { State: { Running: !stopped.has(container), Health: { Status: "healthy" } } },
    imageId: () => "sha256:1",
    names: () => [],
    output: call,
    patiently: call,
  };
  const workspace = { environment, stack, directory: "" };
  const tools = { docker, terraform: { state: () => ({ resources: [] }) } };
  const printed: string[] = [];
  const props = { workspace, tools, say: (line: string) => printed.push(line), listen: () => undefined, failure: () => ["exit code 1"] };
  return { calls, printed, upgrade: new Upgrade(props as unknown as UpgradeProps), workspace, docker };
}

function journal(more: Partial<UpgradeRecord> = {}): UpgradeJournal {
  const image = { name: "wiki:1", id: "sha256:1", digests: [] };
  return new UpgradeJournal({
    format: 1,
    environment: name,
    process: process.pid,
    step: "checked",
    history: [],
    before: { [WIKI]: image },
    changes: [{ container: WIKI, service: "bookstack", from: image, to: { name: "wiki:2", id: "sha256:2", digests: [] } }],
    migrations: ["2026_01_01_000000_a"],
    volumes: [{ container: `${name}-bookstack-db`, volume: `${name}-database` }],
    result: [],
    ...more,
  });
}

const mocked = { apply: jest.mocked(apply), prove: jest.mocked(prove), putBack: jest.mocked(putBack), requireImages: jest.mocked(requireImages) };

beforeEach(() => {
  jest.resetAllMocks();
  mocked.apply.mockResolvedValue(0);
  mocked.prove.mockResolvedValue(["write: a page"]);
});
afterEach(() => forgetUpgrade(name));

test("an upgrade is done only after its images run and the wiki was tested", async () => {
  const { upgrade } = play();
  expect(await upgrade.run(journal())).toBe(true);
  expect(readRecord(name)).toMatchObject({ step: "done", result: ["write: a page"], history: [{ step: "applying" }, { step: "testing" }, { step: "done" }] });
  expect(mocked.requireImages).toHaveBeenCalledWith(expect.anything(), { [WIKI]: { name: "wiki:2", id: "sha256:2", digests: [] } });
  expect([jest.mocked(rememberApplied).mock.calls.length, mocked.putBack.mock.calls.length]).toEqual([1, 0]);
});

test.each<[string, () => void]>([
  ["a service that does not become healthy", () => mocked.apply.mockResolvedValue(1)],
  [
    "an image that is not the wanted one",
    () =>
      mocked.requireImages.mockImplementation(() => {
        throw new Error("local-bookstack does not run from wiki:2");
      }),
  ],
  ["a search that finds nothing", () => mocked.prove.mockRejectedValue(new Error("search: the page is not found by its word"))],
])("%s has everything put back", async (_, fail) => {
  fail();
  const { upgrade, printed } = play();
  expect(await upgrade.run(journal())).toBe(false);
  expect(mocked.putBack).toHaveBeenCalledTimes(1);
  expect(printed.at(-1)).toMatch(/^The upgrade failed: /);
  expect(rememberApplied).not.toHaveBeenCalled();
});

test("what could not be put back is an error, not a success", async () => {
  mocked.apply.mockResolvedValue(1);
  mocked.putBack.mockRejectedValue(new Error("the previous release could not be deployed"));
  await expect(play().upgrade.run(journal())).rejects.toThrow("the previous release could not be deployed");
});

describe("data", () => {
  test("are copied once, with the wiki stopped, and the record says so before anything is migrated", async () => {
    const { upgrade, calls } = play();
    let recorded: string | undefined;
    mocked.apply.mockImplementation(async (_workspace, _tools, _state, _listen, beforeData) => {
      await beforeData?.();
      recorded = readRecord(name)?.copiedAt;
      await beforeData?.();
      return 0;
    });
    await upgrade.run(journal());
    expect(recorded).toMatch(/^\d{4}-/);
    expect(calls).toEqual([
      `update --restart=no ${WIKI}`,
      `stop ${WIKI}`,
      `update --restart=no ${name}-bookstack-db`,
      `stop ${name}-bookstack-db`,
      `volume create ${name}-database-before-upgrade`,
      "copy",
      `update --restart=always ${name}-bookstack-db`,
      `start ${name}-bookstack-db`,
      // a provider that keeps stopped containers leaves it
      `update --restart=always ${WIKI}`,
      `start ${WIKI}`,
    ]);
  });

  test("that a killed upgrade has copied are not copied again: they would be those of the new release", async () => {
    const { upgrade, calls } = play();
    mocked.apply.mockImplementation(async (_workspace, _tools, _state, _listen, beforeData) => {
      await beforeData?.();
      return 0;
    });
    await upgrade.run(journal({ copiedAt: "2026-01-31T02:00:00.000Z" }));
    expect(calls).toEqual([]);
  });

  test("are not put back by a continued upgrade that fails while people could write, but only when that is asked for", async () => {
    const { upgrade } = play();
    mocked.prove.mockRejectedValue(new Error("search: the page is not found by its word"));
    await expect(upgrade.run(journal({ copiedAt: "2026-01-31T02:00:00.000Z" }))).rejects.toThrow(
      `the upgrade failed again: search: the page is not found by its word\nit was not put back, because users may have written since 2026-01-31T02:00:00.000Z`,
    );
    expect(mocked.putBack).not.toHaveBeenCalled();
    expect(readRecord(name)?.step).toBe("testing");
  });

  test("whose copy was interrupted have their service started first: Terraform would remove it", async () => {
    const { upgrade, calls } = play({ running: false });
    await upgrade.run(journal());
    expect(calls).toEqual([`update --restart=always ${name}-bookstack-db`, `start ${name}-bookstack-db`]);
  });
});

test("an interrupted upgrade is not continued with other images", () => {
  const { workspace, docker } = play();
  expect(() => requireSameTarget(workspace, docker as never, journal().record)).toThrow(
    `the upgrade that was interrupted wanted wiki:2 for ${WIKI}, and now it is another image\n  → npm run upgrade -- ${name} --back`,
  );
});
