import { check } from "../../../../../lib/operations/verify/checks/rate-limit";
import { localEnvironment } from "../../../../support/example";
import { findings } from "../target";

const answering = (served: number, status = 302) => ({
  inside: { probe: async (_: unknown, [, , , , ...paths]: readonly string[]) => paths.map((__, index) => (index < served ? status : 429)) },
});

test("holds where a burst is served and the rest has to wait", async () => {
  expect(await findings(check, answering(55))).toEqual([]);
});

test("no limit is found", async () => {
  expect(await findings(check, answering(1000))).toEqual(["120 requests at once were all answered, none with 429"]);
});

test("a limit that is too low to read is found", async () => {
  expect(await findings(check, answering(3))).toEqual(["only 3 of 120 requests were answered before the first 429s"]);
});

test("silence is no answer", async () => {
  await expect(findings(check, answering(1000, 0))).rejects.toThrow("the edge does not answer at");
});

test("an edge that ends in the middle is not one that serves", async () => {
  const probe = async (_: unknown, [, , , , ...paths]: readonly string[]) => paths.map((__, index) => (index < 3 ? 302 : index < 10 ? 429 : 0));
  expect(await findings(check, { inside: { probe } })).toEqual(["only 3 of 120 requests were answered before the first 429s"]);
  const dies = async (_: unknown, [, , , , ...paths]: readonly string[]) => paths.map((__, index) => (index < 3 ? 302 : 0));
  await expect(findings(check, { inside: { probe: dies } })).rejects.toThrow("only 3 of 120 requests were answered");
});

function withLimit(perMinute: number, burst: number) {
  const environment = localEnvironment();
  return { environment: { ...environment, traefik: { ...environment.traefik, rateLimit: { ...environment.traefik.rateLimit, perMinute, burst } } } };
}

test("follows the rate limit of the environment", async () => {
  expect(await findings(check, { ...answering(190), subject: withLimit(400, 200) })).toEqual([]);
  expect(await findings(check, { ...answering(55), subject: withLimit(400, 200) })).toEqual(["only 55 of 420 requests were answered before the first 429s"]);
});

test("a limit that this machine is too slow to reach is not taken for one that holds", async () => {
  const probe = async (_: unknown, [, , , , ...paths]: readonly string[]) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return paths.map(() => 302);
  };
  await expect(findings(check, { inside: { probe }, subject: withLimit(60_000_000, 50) })).rejects.toThrow(
    "this machine cannot ask fast enough to reach 60000000 requests a minute",
  );
});
