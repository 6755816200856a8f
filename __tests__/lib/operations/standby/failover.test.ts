import { rmSync } from "node:fs";
import { Docker } from "../../../../lib/clients/docker/docker";
import { besideState } from "../../../../lib/operations/root";
import { Failover } from "../../../../lib/operations/standby/failover";
import { readFailover, recordStep } from "../../../../lib/operations/standby/roles";
import { localEnvironment } from "../../../support/example";

const NAME = "failover-test";
const at = (name: string) => ({ ...localEnvironment(), name });
const PAIR = { name: NAME, active: at(NAME), following: at(`${NAME}-standby`) };
const FOLLOWS = { following: 1, applying: 1, behind: 0.4, heartbeat: "2026-11-27T12:00:00.000000Z" };
const ALONE = { following: 0, applying: 1, behind: 12.5, heartbeat: "2026-11-27T12:00:00.000000Z" };

/** Commands of Docker that were run, each as one line. */
let commands: string[];

/** What Docker answers: `status` is that of the database of the standby, `fails` the beginning of a command that fails. */
function engine({ reachable, status, fails = "" }: { readonly reachable: boolean; readonly status: object; readonly fails?: string }): void {
  const healthy = { State: { Running: true, Health: { Status: "healthy" } } };
  jest.spyOn(Docker.prototype, "answers").mockReturnValue(reachable);
  jest.spyOn(Docker.prototype, "inspect").mockReturnValue(healthy as never);
  jest.spyOn(Docker.prototype, "names").mockReturnValue([`${NAME}-traefik`, `${NAME}-bookstack`, `${NAME}-bookstack-db`, `${NAME}-standby-source`]);
  const run = (args: readonly string[]) => {
    const line = args.join(" ");
    commands.push(line);
    if (fails !== "" && line.includes(fails)) throw new Error(`${fails} failed`);
    return line.endsWith("replication.sh status") ? JSON.stringify(status) : "";
  };
  jest.spyOn(Docker.prototype, "patiently").mockImplementation(run);
  jest.spyOn(Docker.prototype, "output").mockImplementation(run);
}

const failover = () => new Failover(PAIR, () => undefined);
const position = (part: string) => commands.findIndex((line) => line.includes(part));

beforeEach(() => {
  commands = [];
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(besideState(NAME, "failover"), { force: true });
});

test("a host that answers is not left while its standby does not follow: writes would be lost", () => {
  engine({ reachable: true, status: ALONE });
  expect(() => failover().loss()).toThrow(/answers, but the standby does not follow it: writes would be lost/);
  engine({ reachable: true, status: FOLLOWS });
  expect(failover().loss().reachable).toBe(true);
});

test("of a host that is lost it is known up to when the standby has everything", () => {
  engine({ reachable: false, status: ALONE });
  expect(failover().loss()).toEqual({ reachable: false, complete: ALONE.heartbeat, seconds: 12.5 });
});

test("a standby that never had the data takes over from nothing", () => {
  engine({ reachable: false, status: { ...ALONE, heartbeat: null } });
  expect(() => failover().loss()).toThrow("the standby has no data of the wiki");
});

test("the standby is promoted after the last write and the last file arrived, and after nothing copies files to it any more", async () => {
  engine({ reachable: true, status: FOLLOWS });
  await failover().promote({ reachable: true, complete: null, seconds: 0 });
  const order = ["update --restart=no", `stop ${NAME}-traefik`, "replication.sh fence", "caught-up", "standby-sync.sh", "rm --force", "replication.sh promote"];
  expect(order.map(position)).toEqual([...order.map(position)].sort((a, b) => a - b));
  expect(order.map(position)).not.toContain(-1);
  expect(readFailover(NAME)).toMatchObject({ active: `${NAME}-standby`, step: "promoting" });
});

test.each(["caught-up", "standby-sync.sh"])("when %s fails, the host that was stopped serves again, and stays the active one", async (fails) => {
  engine({ reachable: true, status: FOLLOWS, fails });
  await expect(failover().promote({ reachable: true, complete: null, seconds: 0 })).rejects.toThrow(`${fails} failed`);
  expect(commands).toEqual(expect.arrayContaining([expect.stringMatching(/^update --restart=always .*-traefik/), `restart ${NAME}-bookstack-db`]));
  expect(commands.at(-1)).toMatch(/^start .*-traefik/);
  expect(position("promote")).toBe(-1);
  expect(readFailover(NAME)).toMatchObject({ active: NAME, step: "cancelled" });
});

test("a failover that is repeated after it stopped the host does not mind that nothing is written there", () => {
  recordStep(NAME, `${NAME}-standby`, "fencing");
  engine({ reachable: true, status: { ...FOLLOWS, behind: 300 } });
  expect(failover().loss().reachable).toBe(true);
});
