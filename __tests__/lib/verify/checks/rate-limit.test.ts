import { check } from "../../../../lib/verify/checks/rate-limit";
import { findings } from "../subject";

const answering = (served: number, status = 302) => ({
  inside: { probe: async (_: unknown, [, , , , ...paths]: readonly string[]) => paths.map((__, index) => (index < served ? status : 429)) },
});

test("holds where a burst is served and the rest has to wait", async () => {
  expect(await findings(check, answering(55))).toEqual([]);
});

test("no limit is found", async () => {
  expect(await findings(check, answering(1000))).toEqual(["120 requests at once were all answered, none with 429"]);
});

test("a limit that lets nobody read is found", async () => {
  expect(await findings(check, answering(3))).toEqual(["only 3 of 120 requests were answered before the first 429s"]);
});

test("silence is no answer", async () => {
  await expect(findings(check, answering(1000, 0))).rejects.toThrow("the edge does not answer at");
});
