import { check } from "../../../../lib/verify/checks/reachable-ports";
import { localEnvironment } from "../../../support/example";
import { findings, subjectOf } from "../subject";

const open = (...ports: readonly number[]) => ({ outside: { reaches: async (port: number) => ports.includes(port) } });

test("holds where the edge answers and nothing else", async () => {
  expect(await findings(check)).toEqual([]);
});

test.each([3306, 9091, 3000, 9100, 2375, 8080])("port %d is found", async (port) => {
  expect(await findings(check, open(80, 443, port))).toEqual([`port ${port} answers, and should not`]);
});

test("a port of the edge that does not answer is found", async () => {
  expect(await findings(check, open(80))).toEqual(["port 443 does not answer"]);
});

test("an environment for this machine alone has no outside", () => {
  expect(check.skip?.(subjectOf({ subject: { environment: localEnvironment() } }))).toBe("nobody outside this machine reaches it");
});
