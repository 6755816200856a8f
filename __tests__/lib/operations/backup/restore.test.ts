import type { ContainerState } from "../../../../lib/clients/docker/docker";
import { parseEnvironment } from "../../../../lib/environment/load";
import { BackupContainer } from "../../../../lib/operations/backup/backup-container";
import { Restore } from "../../../../lib/operations/backup/restore";
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
function restoring(health: readonly string[], failing: string | undefined = undefined) {
  const backup = new BackupContainer(environment);
  const { docker } = backup;
  const calls: string[] = [];
  const left = [...health];
  const record = (args: readonly string[]) => {
    calls.push(args.filter((arg) => !arg.startsWith("-") && arg.length < 60).join(" "));
    if (failing !== undefined && calls.at(-1)?.includes(failing)) throw new Error(`${failing} failed`);
    return "";
  };
  const restarted = () => calls.some((call) => call === "start wiki-bookstack");
  jest.spyOn(docker, "require").mockReturnValue();
  jest.spyOn(docker, "output").mockImplementation(record);
  jest.spyOn(docker, "patiently").mockImplementation(record);
  jest.spyOn(docker, "labelled").mockReturnValue(SERVICES);
  jest.spyOn(docker, "inspect").mockImplementation((name) => {
    if (!SERVICES.includes(name)) return undefined;
    return state(name === "wiki-bookstack" && restarted() ? (left.shift() ?? "healthy") : "healthy");
  });
  return { restore: new Restore(environment, backup, () => undefined), calls };
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
  const end = calls.slice(calls.indexOf("start wiki-bookstack"));
  expect(end.filter((call) => /curl|last|finish/.test(call))).toEqual([expect.stringContaining("curl"), "last", expect.stringContaining("finish")]);
});

test("a restore that fails is rolled back before the failure is reported, and the backup runs again", async () => {
  const { restore, calls } = restoring([], "restore.sh swap");
  await expect(restore.run("20260131T010000Z")).rejects.toThrow("nothing was restored: restore.sh swap failed");
  const steps = calls.flatMap((call) => /restore\.sh (\w+)/.exec(call)?.[1] ?? (call === "start wiki-bookstack" || call === "start wiki-backup" ? call : []));
  expect(steps).toEqual(["account", "back", "prepare", "swap", "account", "back", "start wiki-bookstack", "start wiki-backup"]);
});
