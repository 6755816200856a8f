import type { ContainerState } from "../../../../lib/clients/docker/docker";
import { parseEnvironment } from "../../../../lib/environment/load";
import { BackupContainer } from "../../../../lib/operations/backup/backup-container";
import { Restore } from "../../../../lib/operations/backup/restore";
import { beginReplacing, endReplacing, recoverHalfRestored, refuseHalfRestored } from "../../../../lib/operations/backup/restore-record";
import { localText } from "../../../support/example";

const environment = parseEnvironment("wiki", localText(), "wiki.yaml");
const SERVICES = ["wiki-bookstack", "wiki-bookstack-db", "wiki-backup"];

function state(health: string): ContainerState {
  const volume = (name: string, directory: string) => ({ Type: "volume", Name: name, Source: "", Destination: directory, RW: true });
  return {
    Image: "sha256:a",
    State: { Running: true, Health: { Status: health } },
    Config: { Env: [], Labels: { "secure-bookstack.kind": "service" } },
    HostConfig: { Memory: 0, ExtraHosts: null },
    Mounts: [volume("wiki-uploads", "/sources/uploads"), volume("wiki-scratch", "/scratch")],
  };
}

/** A restore whose wiki is `health` each time it is inspected after its start, one after the other; the calls of docker. */
function restoring(health: readonly string[], failing: string | undefined = undefined, swapped = "", cluster = false) {
  const backup = new BackupContainer(environment);
  const { docker } = backup;
  const calls: string[] = [];
  const left = [...health];
  const record = (args: readonly string[]) => {
    calls.push(args.filter((arg) => !arg.startsWith("-") && arg.length < 60).join(" "));
    if (failing !== undefined && calls.at(-1)?.includes(failing)) throw new Error(`${failing} failed`);
    return args.at(-1) === "swapped" ? `${swapped}\n` : "";
  };
  const restarted = () => calls.some((call) => call.startsWith("start wiki-bookstack "));
  jest.spyOn(docker, "require").mockReturnValue();
  jest.spyOn(docker, "output").mockImplementation(record);
  jest.spyOn(docker, "patiently").mockImplementation(record);
  jest.spyOn(docker, "labelled").mockReturnValue(SERVICES);
  jest.spyOn(docker, "inspect").mockImplementation((name) => {
    if (!SERVICES.includes(name)) return undefined;
    return state(name === "wiki-bookstack" && restarted() ? (left.shift() ?? "healthy") : "healthy");
  });
  const replicas = { halt: async () => void calls.push("halt replicas"), resume: async () => void calls.push("resume replicas") };
  return { restore: new Restore(environment, backup, () => undefined, cluster ? replicas : undefined), calls };
}

test("a restore waits until the wiki is healthy, and blocks nothing meanwhile", async () => {
  const { restore, calls } = restoring(["starting"]);
  let passed = 0;
  const timer = setInterval(() => {
    passed += 1;
  }, 100);
  await restore.run("20260131T010000Z", () => calls.push("last"));
  clearInterval(timer);
  expect(passed).toBeGreaterThan(4);
  const end = calls.slice(calls.indexOf("start wiki-bookstack wiki-bookstack-db"));
  expect(end.filter((call) => /curl|last|finish/.test(call))).toEqual([expect.stringContaining("curl"), "last", expect.stringContaining("finish")]);
});

/** The steps of the script, and what starts or stops, in order. */
function stepsOf(calls: readonly string[]): string[] {
  return calls.flatMap((call) => /restore\.sh (\w+)/.exec(call)?.[1] ?? (/^(stop|start) wiki-/.test(call) ? call : []));
}

test("the wiki runs until the set is beside the current data, and is whole", async () => {
  const { restore, calls } = restoring([]);
  await restore.run("20260131T010000Z");
  const services = "wiki-bookstack wiki-bookstack-db";
  expect(stepsOf(calls)).toEqual([
    ...["stop wiki-backup", "account", "swapped", "back", "prepare", `stop ${services}`, "swap"],
    ...[`start ${services}`, "finish", "start wiki-backup"],
  ]);
});

test.each([
  ["a restore that was killed may have left data of both", "portal", undefined],
  ["the scripts of an older release do not tell", "", "restore.sh swapped"],
])("the wiki is stopped before anything is put back when %s", async (_, swapped, failing) => {
  const { restore, calls } = restoring([], failing, swapped);
  await restore.run("20260131T010000Z");
  expect(stepsOf(calls).slice(0, 6)).toEqual([...["stop wiki-backup", "account", "swapped", "stop wiki-bookstack wiki-bookstack-db", "back", "prepare"]]);
});

test("a restore that fails is rolled back before the failure is reported, and the backup runs again", async () => {
  const { restore, calls } = restoring([], "restore.sh swap ");
  await expect(restore.run("20260131T010000Z")).rejects.toThrow(/^nothing was restored: restore.sh swap {2}failed\n.*the previous data are back/);
  const services = "wiki-bookstack wiki-bookstack-db";
  expect(stepsOf(calls).slice(6)).toEqual(["swap", `stop ${services}`, "account", "back", `start ${services}`, "start wiki-backup"]);
});

test("a set that cannot be loaded stops and starts nothing", async () => {
  const { restore, calls } = restoring([], "restore.sh prepare");
  await expect(restore.run("20260131T010000Z")).rejects.toThrow(/^nothing was restored: restore.sh prepare failed\n.*nothing was stopped or replaced/);
  expect(stepsOf(calls).filter((step) => /^(stop|start)/.test(step))).toEqual(["stop wiki-backup", "start wiki-backup"]);
});

test("a restore into a cluster stops all replicas before it changes data, and starts them with the secrets of the set", async () => {
  const { restore, calls } = restoring(["healthy"], undefined, "", true);
  await restore.run("20260131T010000Z");
  const steps = calls.flatMap((call) => /restore\.sh (swap|finish) /.exec(call)?.[1] ?? (/replicas|^(stop|start) wiki-bookstack/.test(call) ? call : []));
  const services = "wiki-bookstack wiki-bookstack-db";
  expect(steps).toEqual(["halt replicas", `stop ${services}`, "swap", `start ${services}`, "resume replicas", "finish"]);
  expect(calls.some((call) => call.includes("curl"))).toBe(false);
});

test("a restore into a cluster that fails starts the replicas with the previous data", async () => {
  const { restore, calls } = restoring([], "restore.sh swap ", "", true);
  await expect(restore.run("20260131T010000Z")).rejects.toThrow(/the previous data are back/);
  expect(calls.filter((call) => call.endsWith("replicas"))).toEqual(["halt replicas", "halt replicas", "resume replicas"]);
});

describe("what says that data are half replaced", () => {
  const isHalf = () => {
    try {
      refuseHalfRestored("wiki");
      return false;
    } catch {
      return true;
    }
  };

  afterEach(() => endReplacing("wiki"));

  test("is there while they are replaced, and gone when the restore ended", async () => {
    const { restore } = restoring(["healthy"]);
    let meanwhile = false;
    await restore.run("20260131T010000Z", () => {
      meanwhile = isHalf();
    });
    expect([meanwhile, isHalf()]).toEqual([true, false]);
  });

  test("is gone when the previous data are back", async () => {
    const { restore } = restoring([], "restore.sh swap ");
    await expect(restore.run("20260131T010000Z")).rejects.toThrow("nothing was restored");
    expect(isHalf()).toBe(false);
  });

  test("stays when the previous data could not be put back", async () => {
    const { restore } = restoring([], "restore.sh back");
    await expect(restore.run("20260131T010000Z")).rejects.toThrow("restore.sh back failed");
    expect(isHalf()).toBe(true);
  });

  test("lets the next restore end the container of the killed one, and start that of the backups, which the killed one stopped", () => {
    const backup = new BackupContainer(environment);
    const calls: string[] = [];
    jest.spyOn(backup.docker, "require").mockReturnValue();
    jest.spyOn(backup.docker, "inspect").mockReturnValue(state("healthy"));
    jest.spyOn(backup.docker, "output").mockImplementation((args) => {
      calls.push(args.join(" "));
      return "";
    });
    recoverHalfRestored("wiki", backup);
    expect(calls).toEqual([]);
    beginReplacing("wiki", "20260131T010000Z");
    recoverHalfRestored("wiki", backup);
    expect(calls).toEqual(["rm --force --volumes wiki-restore", "update --restart=always wiki-backup", "start wiki-backup"]);
  });
});
