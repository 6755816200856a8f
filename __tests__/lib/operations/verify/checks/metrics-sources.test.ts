import { check } from "../../../../../lib/operations/verify/checks/metrics-sources";
import { findings, NOW, targetOf, type World } from "../target";

const WATCHED = { jobs: ["traefik", "grafana"], alerts: ["TargetDown", "EdgeUnknown"] };
const target = (job: string, more: object = {}) => ({ labels: { job }, health: "up", lastError: "", ...more });
const rule = (name: string, more: object = {}) => ({ name, health: "ok", state: "inactive", lastEvaluation: NOW.toISOString(), alerts: [], ...more });
const TARGETS = [target("traefik"), target("grafana")];
const RULES = [rule("TargetDown"), rule("EdgeUnknown")];

/** A world in which Prometheus has these targets and rules. */
function world(activeTargets: readonly object[] = TARGETS, rules: readonly object[] = RULES): World {
  return {
    subject: { watched: WATCHED },
    inside: {
      exec: async (container, args) => {
        expect([container, args[0]]).toEqual(["local-prometheus", "wget"]);
        return JSON.stringify({ status: "success", data: args.at(-1)?.includes("/targets") ? { activeTargets } : { groups: [{ rules }] } });
      },
    },
  };
}

test("holds where every source is read and every rule evaluated", async () => {
  expect(await findings(check, world())).toEqual([]);
});

test.each<[string, readonly object[], readonly object[], string]>([
  ["a source that is not read", [target("grafana")], RULES, "Prometheus does not read traefik"],
  [
    "a source that does not answer",
    [target("traefik", { health: "down", lastError: "refused" }), target("grafana")],
    RULES,
    "metrics of traefik cannot be read: refused",
  ],
  ["a source that was not read yet", [target("traefik", { health: "unknown" }), target("grafana")], RULES, "unknown: metrics of traefik were not read yet"],
  ["a rule that is not loaded", TARGETS, RULES.slice(1), "the alert rule TargetDown is not loaded"],
  [
    "a rule that fails",
    TARGETS,
    [rule("TargetDown", { health: "err", lastError: "many-to-many" }), ...RULES.slice(1)],
    "the alert rule TargetDown cannot be evaluated: many-to-many",
  ],
  [
    "a rule that was not evaluated yet",
    TARGETS,
    [rule("TargetDown", { health: "unknown" }), ...RULES.slice(1)],
    "unknown: the alert rule TargetDown is not evaluated",
  ],
  [
    "a rule that waits",
    TARGETS,
    [rule("TargetDown", { lastEvaluation: "2026-06-01T11:57:00Z" }), ...RULES.slice(1)],
    "unknown: the alert rule TargetDown is not evaluated",
  ],
  [
    "a source that lacks metrics",
    TARGETS,
    [RULES[0] ?? {}, rule("EdgeUnknown", { state: "pending", alerts: [{ annotations: { summary: "Metrics are missing", first: "look" } }] })],
    "unknown: Metrics are missing",
  ],
])("%s is found", async (_, targets, rules, problem) => {
  expect(await findings(check, world(targets, rules))).toEqual([problem]);
});

test("nothing that is read and no rule at all is not well", async () => {
  expect(await findings(check, world([], []))).toHaveLength(4);
});

test("without monitoring there is nothing to look at", () => {
  expect(check.skip?.(targetOf())).toBe("nothing watches this environment");
});
