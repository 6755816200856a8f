import { check } from "../../../../../lib/operations/verify/checks/container-health";
import type { Inspected } from "../../../../../lib/operations/verify/target";
import { asPlanned, findings, SERVICES } from "../target";

const state = (State: Inspected["State"]) => ({
  inside: { inspect: async () => SERVICES.map(asPlanned).map((found) => (found.Name === "/local-bookstack" ? { ...found, State } : found)) },
});

test("holds where all are healthy", async () => {
  expect(await findings(check)).toEqual([]);
});

test.each([
  [{ Running: true, Health: { Status: "unhealthy" } }, "bookstack is unhealthy"],
  // it may become healthy
  [{ Running: true, Health: { Status: "starting" } }, "unknown: bookstack is starting"],
  [{ Running: true }, "bookstack is without a health check"],
  [{ Running: false }, "bookstack does not run"],
])("%j is found", async (given, problem) => {
  expect(await findings(check, state(given))).toEqual([problem]);
});

test("a missing container is found", async () => {
  expect(await findings(check, { inside: { inspect: async () => [] } })).toHaveLength(SERVICES.length);
});
