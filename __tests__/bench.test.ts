import { costPart, costTargets } from "../e2e/bench/cost-report";
import { deployPart, deployTargets, NO_OP, PLAN } from "../e2e/bench/deploy-report";
import { type Round, roundOf } from "../e2e/bench/load-generator";
import { loadPart, loadTargets } from "../e2e/bench/load-report";
import { drawBars } from "../e2e/bench/plot";
import { page } from "../e2e/bench/report";
import { measured, median, percentile, verdict } from "../e2e/bench/statistics";
import { wallRoutes } from "../e2e/bench/walls";
import { withoutNumbers } from "../tools/commands/level";

describe("statistics", () => {
  test("percentiles are values that were measured", () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([0.5, 0.95, 0.99, 1].map((share) => percentile(values, share))).toEqual([50, 95, 99, 100]);
    expect(percentile([7], 0.5)).toBe(7);
    expect(percentile([], 0.5)).toBeUndefined();
  });

  test("a median of an even number of values is between the two in the middle", () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, undefined]);
    expect(measured([3, 9, 4])).toEqual({ median: 4, low: 3, high: 9, rounds: 3 });
    expect(measured([])).toBeUndefined();
  });

  test("a target is not met by a figure that is not known", () => {
    const target = { what: "throughput", unit: "%", atLeast: 85 };
    expect([84.9, 85, undefined, Number.NaN].map((figure) => verdict(target, figure))).toEqual(["missed", "met", "not measured", "not measured"]);
    expect([15, 15.1].map((figure) => verdict({ what: "time", unit: "ms", atMost: 15 }, figure))).toEqual(["met", "missed"]);
  });
});

function round(side: string, perSecond: number, p50: number, more: Partial<Round> = {}): Round {
  return { side, action: "page", clients: 10, seconds: 8, perSecond, p50, p95: 2 * p50, p99: 3 * p50, errors: {}, ...more };
}

const ROUNDS = [round("edge", 18, 55), round("bare", 20, 50), round("edge", 19, 56, { errors: { 503: 2 } }), round("bare", 20, 50)];

test("a round counts only answers with the expected status, and says what the others were", () => {
  const seen = { 302: [4, 6, 5], 429: [1, 1] };
  const save = { name: "save", path: "/", status: 302 };
  const one = roundOf("edge", save, 10, { seen, failed: 0, timeouts: 1, seconds: 2 });
  expect(one).toMatchObject({ perSecond: 1.5, p50: 5, p99: 6, errors: { 429: 2, timeout: 1 } });
  expect(roundOf("edge", save, 10, { seen: {}, failed: 3, timeouts: 0, seconds: 2 })).toMatchObject({
    perSecond: 0,
    p50: undefined,
    errors: { "no answer": 3 },
  });
});

describe("the report about load", () => {
  const run = { seconds: 8, images: { bookstack: "stand-in e2e/bookstack:local", traefik: "traefik:v3" }, engine: "20.10.24", busy: [0.9, 1] };

  test("compares medians of both sides", () => {
    const [kept, added, errors] = loadTargets(ROUNDS);
    expect(kept?.figure).toBeCloseTo(92.5);
    expect(added?.figure).toBeCloseTo(5.5);
    expect(errors?.figure).toBe(2);
  });

  test("does not know what was not measured", () => {
    expect(loadTargets([]).map(({ figure }) => figure)).toEqual([undefined, undefined, undefined]);
    expect(page(loadPart([], [], run)).match(/\*\*not measured\*\*/g)).toHaveLength(3);
  });

  test("names stand-ins below every table, and says what is missed", () => {
    const text = page(loadPart(ROUNDS, [round("Traefik alone", 20, 51)], run));
    expect(text.match(/^Stand-in programs: bookstack\.$/gm)).toHaveLength(3);
    expect(text).toContain("| page | 10 | edge | 18.5 (18–19) | 55.5 | 111 | 167 | 2 × 503 |");
    expect(text).toContain("| Failed requests through the edge, all rounds: at most 0 requests | 2 requests | **missed** |");
    expect(text).toContain("![Throughput](load-throughput.svg)");
  });

  test("draws each bar with its spread", async () => {
    const bars = ["one", "two"].map((series) => ({ group: "page", series, value: 5, low: 4, high: 6 }));
    const svg = await drawBars({ name: "x", title: "Throughput", axis: "answers a second", bars });
    expect(svg).toMatch(/^<svg[\s\S]*Throughput[\s\S]*<\/svg>$/);
    expect(svg.match(/aria-roledescription="bar"/g)).toHaveLength(2);
    expect(svg.match(/aria-roledescription="rule mark"/g)).toHaveLength(2);
  });
});

test("each wall has what those before it have", () => {
  const names = ["security-headers", "bookstack-guard", "bookstack-user-rate", "bookstack-queue"];
  const middlewares = {
    ...Object.fromEntries(names.map((name) => [name, {}])),
    crowdsec: { plugin: { bouncer: { enabled: true, crowdsecAppsecEnabled: true } } },
  };
  const { http } = wallRoutes({ http: { middlewares, services: {} } }) as { http: { routers: Record<string, { middlewares: string[] }>; middlewares: object } };
  expect(Object.values(http.routers).map((router) => router.middlewares.length)).toEqual([1, 2, 2, 3, 3, 5]);
  expect(http.middlewares).toHaveProperty("bench-bouncer.plugin.bouncer.crowdsecAppsecEnabled", false);
  expect(() => wallRoutes({ http: { middlewares: {}, services: {} } })).toThrow("the routes have no security-headers, bookstack-guard, crowdsec");
});

test("numbers of a benchmark are no arguments of jest", () => {
  expect(withoutNumbers(["deploy", "--seconds=2", "--verbose"])).toEqual({ argv: ["deploy", "--verbose"], variables: { BENCH_SECONDS: "2" } });
});

describe("the report about deploys", () => {
  const about = { engine: "20.10.24", images: {} };
  const timed = [10, 12].map((seconds) => ({ what: PLAN, seconds }));

  test("compares a deploy without changes with a plan of the same run", () => {
    expect(deployTargets([...timed, { what: NO_OP, seconds: 13.2 }])[0]?.figure).toBeCloseTo(1.2);
    expect(deployTargets(timed).map(({ figure }) => figure)).toEqual([undefined, undefined]);
  });

  test("says that nothing was compared with docker compose", () => {
    const text = page(deployPart(timed, about));
    expect(text).toContain("| First deploy, of the time of docker compose: at most 1.3 × | – | **not measured** |");
    expect(text).toContain(`| ${PLAN} | 11 | 10–12 | 2 |`);
  });
});

test("the report about cost adds medians, and leaves the monitoring out of the second sum", () => {
  const usage = (service: string, gib: number) => ({ service, memory: gib * 2 ** 30, limit: 2 ** 30, cpu: 0.01 });
  const usages = [usage("bookstack", 0.4), usage("bookstack", 0.6), usage("prometheus", 0.8)];
  expect(costTargets(usages).map(({ figure }) => figure)).toEqual([expect.closeTo(1.3), expect.closeTo(0.5)]);
  expect(costTargets([]).map(({ figure }) => figure)).toEqual([undefined, undefined]);
  const text = page(costPart(usages, 60, { engine: "20.10.24", images: { grafana: "stand-in e2e/grafana:local" } }));
  expect(text).toContain("| bookstack | 512 | 410–614 | – | 1024 | 1 |");
  expect(text.match(/^Stand-in programs: grafana\.$/gm)).toHaveLength(2);
});
