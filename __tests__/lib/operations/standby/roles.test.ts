import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadEnvironment } from "../../../../lib/environment/load";
import { besideState } from "../../../../lib/operations/root";
import { loadPair } from "../../../../lib/operations/standby/pair";
import {
  forgetFailover,
  recordStep,
  refuseInterruptedFailover,
  requireServing,
  unfinishedFailover,
  withRecordedRole,
} from "../../../../lib/operations/standby/roles";

const NAME = "roles-test";
const SECOND = `${NAME}-standby`;
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4Fb2c5xQmVdVpWqkqXGTKzPwB1c0dpmpXXeqwsZtQw";
const HOSTS = ["ssh://deploy@203.0.113.10", "ssh://deploy@203.0.113.11"];

let directory: string;
const roleOf = (name: string) => withRecordedRole(loadEnvironment(name, directory), directory).replication;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "roles-"));
  const [host, other] = HOSTS;
  const text = {
    domain: "wiki.example.com",
    docker: { host, hostKey: KEY },
    standby: { docker: { host: other, hostKey: KEY } },
    users: [{ name: "alice", displayName: "Alice", email: "alice@example.com" }],
    wiki: { admin: { email: "admin@example.com" } },
  };
  writeFileSync(join(directory, `${NAME}.yaml`), JSON.stringify(text));
});
afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => rmSync(besideState(NAME, "failover"), { force: true }));

test("before a failover the first host is written to, and the second one follows it", () => {
  expect(roleOf(NAME)).toMatchObject({ role: "source", serverId: 1 });
  expect(roleOf(SECOND)).toMatchObject({ role: "replica", serverId: 2, source: { host: HOSTS[0] } });
});

test.each([
  ["fencing", NAME],
  ["promoting", SECOND],
  ["starting", SECOND],
  ["done", SECOND],
] as const)("a failover that was killed while %s has one host that is written to", (step, active) => {
  recordStep(NAME, SECOND, step);
  const roles = [NAME, SECOND].map((name) => [name, roleOf(name)?.role]);
  expect(roleOf(active)).toEqual({
    role: "source",
    serverId: active === NAME ? 1 : 2,
    ...(step === "fencing" ? {} : { fences: expect.objectContaining({ host: HOSTS[0] }) }),
  });
  expect(roles.filter(([, role]) => role === "source")).toEqual([[active, "source"]]);
  expect(loadPair(NAME, directory).active.name).toBe(active);
  expect(unfinishedFailover(NAME)).toBe(step === "promoting" || step === "starting");
});

test.each([
  ["fencing", /interrupted while it was fencing.*\n.*\n.*--cancel/],
  ["starting", /interrupted while it was starting\n.*npm run failover -- roles-test {3}# finish it$/],
] as const)("a deploy is refused for both hosts after a failover that was killed while %s", (step, message) => {
  recordStep(NAME, SECOND, step);
  for (const name of [NAME, SECOND]) expect(() => refuseInterruptedFailover(name)).toThrow(message);
  recordStep(NAME, SECOND, "done");
  expect(() => refuseInterruptedFailover(NAME)).not.toThrow();
});

test("a command that needs the wiki is refused for the host that has none, with the name of the other", () => {
  expect(() => requireServing(NAME, directory, "backup")).not.toThrow();
  expect(() => requireServing(SECOND, directory, "backup")).toThrow(`${SECOND} follows ${NAME}, and has no wiki of its own\n  → npm run backup -- ${NAME}`);
  recordStep(NAME, SECOND, "done");
  expect(() => requireServing(SECOND, directory, "backup")).not.toThrow();
  expect(() => requireServing(NAME, directory, "backup")).toThrow(`npm run backup -- ${SECOND}`);
  expect(() => requireServing("another-standby", directory, "init")).not.toThrow();
});

test("a failover is forgotten with the data of the host that is written to, and not with those of the other", () => {
  recordStep(NAME, SECOND, "followed");
  forgetFailover(NAME);
  expect(roleOf(SECOND)?.role).toBe("source");
  forgetFailover(SECOND);
  expect([NAME, SECOND].map((name) => roleOf(name)?.role)).toEqual(["source", "replica"]);
});

test("after it the first host follows the second one, and keeps its number", () => {
  recordStep(NAME, SECOND, "done");
  expect(roleOf(NAME)).toMatchObject({ role: "replica", serverId: 1, source: { host: HOSTS[1] } });
});
