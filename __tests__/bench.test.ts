import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { BY_HAND, backupPart, backupTargets } from "../e2e/bench/backup-report";
import { composeOf, type Plan } from "../e2e/bench/compose";
import { costPart, costTargets } from "../e2e/bench/cost-report";
import { COMPOSE_FIRST, COMPOSE_NO_OP, deployPart, deployTargets, FIRST, NO_OP, PLAN } from "../e2e/bench/deploy-report";
import { type Attack, detectionPart, detectionTargets } from "../e2e/bench/detection-report";
import { type Action, load, type Round, roundOf } from "../e2e/bench/load-generator";
import { loadPart, loadTargets } from "../e2e/bench/load-report";
import { draw } from "../e2e/bench/plot";
import { page } from "../e2e/bench/report";
import { signInRound } from "../e2e/bench/sign-in";
import { carried, type Size, sizesPart, sizesTargets } from "../e2e/bench/sizes-report";
import { growth, soakPart, soakTargets } from "../e2e/bench/soak-report";
import { measured, median, percentile, verdict } from "../e2e/bench/statistics";
import { wallRoutes } from "../e2e/bench/walls";
import { withoutNumbers } from "../tools/commands/level";
import { besideTable, type Report, targetsTable } from "../tools/documents/benchmarks";

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

const SPENT = [{ side: "edge", container: "traefik", milliseconds: 3 }, { side: "edge", container: "bookstack", milliseconds: 40 }, { side: "bare", container: "bookstack", milliseconds: 38 }]; // biome-ignore format: one thought

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
    const alone = [round("edge", 9, 108, { clients: 1 }), round("bare", 10, 100, { clients: 1 })];
    expect(loadTargets([...ROUNDS, ...alone]).map(({ figure }) => figure)).toEqual([expect.closeTo(92.5), 8, expect.closeTo(5.5), 2]);
  });

  test("does not know what was not measured", () => {
    expect(loadTargets([]).map(({ figure }) => figure)).toEqual([undefined, undefined, undefined, undefined]);
    expect(page(loadPart([], [], [], run)).match(/\*\*not measured\*\*/g)).toHaveLength(4);
  });

  test("names stand-ins below every table, and says what is missed", () => {
    const text = page(loadPart(ROUNDS, [round("Traefik alone", 20, 51)], SPENT, run));
    expect(text.match(/^Stand-in programs: bookstack\.$/gm)).toHaveLength(4);
    expect(text).toContain("| traefik | 3 | – |\n| bookstack | 40 | 38 |\n| all | 43 | 38 |");
    expect(text).toContain("| page | 10 | edge | 18.5 (18–19) | 55.5 | 111 | 167 | 2 × 503 |");
    expect(text).toContain("| Failed requests through the edge, all rounds: at most 0 requests | 2 requests | **missed** |");
    expect(text).toContain("![Throughput that the edge keeps](load-throughput.svg)");
  });

  test("draws what the edge keeps, with the spread of rounds that followed each other", () => {
    const [kept] = loadPart(ROUNDS, [], [], run).plots;
    expect(kept).toMatchObject({ bars: [{ group: "page, 10 clients", value: expect.closeTo(92.5), low: expect.closeTo(90), high: expect.closeTo(95) }] });
  });

  test("draws long names whole", async () => {
    const group = "deploy, one line changed (timezone)";
    expect(await draw({ name: "x", title: "x", axis: "s", bars: [{ group, series: "s", value: 5, low: 4, high: 6 }] })).toContain(`>${group}</text>`);
  });

  test("draws values over time as one line for each series", async () => {
    const points = [1, 2].flatMap((at) => ["mysql", "traefik"].map((series) => ({ series, at, value: at * 10 })));
    const svg = await draw({ name: "x", title: "Memory", axis: "MiB", over: "minutes", points });
    expect(svg.match(/aria-roledescription="line mark"/g)).toHaveLength(2);
  });

  test("draws each bar with its spread", async () => {
    const bars = ["one", "two"].map((series) => ({ group: "page", series, value: 5, low: 4, high: 6 }));
    const svg = await draw({ name: "x", title: "Throughput", axis: "answers a second", bars });
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

  test("compares commands of the same run", () => {
    const compose = [{ what: FIRST, seconds: 60 }, { what: COMPOSE_FIRST, seconds: 50 }, { what: COMPOSE_NO_OP, seconds: 6 }]; // biome-ignore format: one thought
    const all = [...timed, ...compose, { what: NO_OP, seconds: 13.2 }];
    expect(deployTargets(all).map(({ figure }) => figure)).toEqual([expect.closeTo(1.2), expect.closeTo(2.2), expect.closeTo(1.2)]);
    expect(deployTargets(timed).map(({ figure }) => figure)).toEqual([undefined, undefined, undefined]);
  });

  test("says what was not compared with docker compose and cdktf", () => {
    const text = page(deployPart(timed, about));
    expect(text).toContain("| First deploy, of the time of docker compose: at most 1.3 × | – | **not measured** |");
    expect(text).toContain(`| ${PLAN} | 11 | 10–12 | 2 |`);
    expect(text.match(/^- Not measured here: /gm)).toHaveLength(2);
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

describe("a load", () => {
  // each round starts a program, which takes a while on a busy machine
  jest.setTimeout(60_000);

  const server = createServer((request, answer) => {
    saves++;
    // every other save is one of a session that is over
    const location = saves % 2 === 0 ? "/login" : "http://localhost/books/a/page/b";
    answer.writeHead(request.method === "POST" ? 302 : 200, { location }).end();
  });
  let saves = 0;
  let url: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  const side = () => ({ name: "edge", url, headers: {} });
  const save: Action = { name: "save", path: "/books/a/page/b", method: "POST", body: "name=a", status: 302 };

  test("a save that redirects to the login page is not acknowledged", async () => {
    const { perSecond, errors } = await load(side(), { ...save, location: "/books/a/page/b" }, 2, 1);
    expect(Object.keys(errors)).toEqual(["302 to /login"]);
    expect(perSecond).toBeGreaterThan(0);
  });

  test("whose redirects are not looked at counts every answer with its status", async () => {
    expect((await load(side(), save, 2, 1)).errors).toEqual({});
    expect((await load(side(), { name: "page", path: "/" }, 2, 1)).errors).toEqual({});
  });
});

test("a round of sign-ins counts those that fail, and does not stop", async () => {
  const refused = () => Promise.reject(new Error("the portal answered 401"));
  const round = await signInRound("edge", [async () => undefined, refused, async () => undefined], 2);
  expect(round).toMatchObject({ action: "sign-in", clients: 2, errors: { "the portal answered 401": 1 } });
  expect(round.perSecond).toBeCloseTo(2 / round.seconds);
});

describe("a compose file of a plan", () => {
  const labels = (value: string) => [{ label: "secure-bookstack.kind", value }];
  const plan: Plan = {
    resource: {
      docker_image: { Wiki: { name: "wiki:1" } },
      docker_volume: { Data: { name: "x-data" }, Config: { name: "x-wiki-config-1" } },
      docker_network: { Back: { name: "x-back", internal: true, ipam_config: [{ subnet: "10.1.2.0/26" }] } },
      docker_container: {
        Carrier: {
          name: "x-wiki-config-1",
          image: "${docker_image.Wiki.image_id}",
          labels: labels("carrier"),
          upload: [{ file: "/config/run.sh", content: "echo $${HOME} $1", permissions: "0555" }],
          volumes: [{ container_path: "/config", volume_name: "x-wiki-config-1" }],
        },
        Job: { name: "x-job", image: "${docker_image.Wiki.image_id}", labels: labels("job"), network_mode: "none" },
        Wiki: {
          name: "x-wiki",
          image: "${docker_image.Wiki.image_id}",
          labels: labels("service"),
          depends_on: ["docker_container.Carrier", "docker_container.Job"],
          env: ["PRICE=5$"],
          memory: 64,
          cpu_quota: 50_000,
          cpu_period: 100_000,
          mounts: [
            { source: "x-wiki-config-1", target: "/etc/wiki", read_only: true },
            { source: "${docker_volume.Data.name}", target: "/data" },
          ],
          networks_advanced: [{ name: "${docker_network.Back.id}", aliases: ["wiki"], ipv4_address: "10.1.2.10" }],
          capabilities: { drop: ["ALL"] },
        },
      },
    },
  };

  test("has its services and jobs in order, with limits, networks and volumes of the same names", () => {
    const { project } = composeOf(plan, "x-compose");
    expect(Object.keys(project.services)).toEqual(["x-job", "x-wiki"]);
    expect(project.services["x-wiki"]).toMatchObject({
      image: "wiki:1",
      environment: ["PRICE=5$$"],
      depends_on: { "x-job": { condition: "service_completed_successfully" } },
      mem_limit: "64m",
      cpus: 0.5,
      cap_drop: ["ALL"],
      networks: { "x-back": { aliases: ["wiki"], ipv4_address: "10.1.2.10" } },
      volumes: [
        { type: "bind", source: "./config/x-wiki-config-1", target: "/etc/wiki" },
        { type: "volume", source: "x-data", target: "/data", volume: { nocopy: true } },
      ],
    });
    expect(project).toMatchObject({ networks: { "x-back": { internal: true } }, volumes: { "x-data": { name: "x-data" } } });
  });

  test("has the files of the configuration beside it, without the escapes of Terraform", () => {
    expect(composeOf(plan, "x").files).toEqual([{ path: "config/x-wiki-config-1/run.sh", text: "echo ${HOME} $1", mode: 0o555 }]);
  });
});

describe("the report about backups", () => {
  const work = (what: string, seconds: number) => ({ what, seconds, memory: 64 * 2 ** 20, scratch: 5e6, down: Number.NaN });
  const seen = [{ what: "backup", times: [10, 20, 30], errors: 1, disturbed: 0, redirected: 0 }];
  const about = { engine: "20.10.24", images: { backup: "stand-in e2e/backup:local" }, megabytes: 50, rows: 2000, changed: 1 };

  test("compares a backup with packing by hand, and counts what readers missed", () => {
    const works = [work("backup", 12), work(BY_HAND, 10), work("restore", 40)];
    expect(backupTargets({ works, seen }).map(({ figure }) => figure)).toEqual([1.2, undefined, 1]);
    const text = page(backupPart({ works, seen, nights: [] }, about));
    expect(text).toContain("| tar \\| zstd \\| gpg | 10 | 10–10 | 1 | 64 | 5 |");
    expect(text).toContain("Not measured here: the size of a remote");
    expect(text.match(/^Stand-in programs: backup\.$/gm)).toHaveLength(3);
  });
});

test("the report about detection: an attack that is not refused and a person who is banned are misses", () => {
  const attacks: Attack[] = [{ name: "log4shell", seconds: 4, requests: 16, answers: { 302: 16 } }, { name: "sqlmap", requests: 80, answers: {} }]; // biome-ignore format: one thought
  const honest = [{ name: "an editor", requests: 900, bans: 1 }];
  expect(detectionTargets(attacks, honest).map(({ figure }) => figure)).toEqual([1, 1]);
  expect(detectionTargets([], []).map(({ figure }) => figure)).toEqual([undefined, undefined]);
  expect(page(detectionPart(attacks, honest, { engine: "20.10.24", images: {}, seconds: 20 }))).toContain("| sqlmap | – | – | 0 of 1 | 80 |  |");
});

describe("the report about a long use", () => {
  const moment = (minute: number, mib: number) => ({ service: "bookstack", minute, memory: mib * 2 ** 20 });

  test("gives the growth of the second half, since caches fill in the first", () => {
    expect(growth([moment(0, 10), moment(1, 90), moment(2, 100), moment(3, 101), moment(4, 102)])).toBeCloseTo(60);
    expect(growth([moment(0, 10), moment(1, 20)])).toBeUndefined();
  });

  test("does not know which containers ended when the run did not come to its end", () => {
    expect(soakTargets({ rounds: ROUNDS, ended: undefined }).map(({ figure }) => figure)).toEqual([2, undefined]);
    expect(soakTargets({ rounds: [], ended: ["crowdsec"] }).map(({ figure }) => figure)).toEqual([undefined, 1]);
    const about = { minutes: 10, rate: 4, engine: "20.10.24", images: {} };
    const text = page(soakPart({ moments: [moment(0, 10), moment(1, 20)], rounds: ROUNDS, ended: ["crowdsec"] }, about));
    expect(text).toContain("| bookstack | 10 | 20 | 10 | 20 | – |");
    expect(text).toContain("Containers that were started again: crowdsec.");
  });
});

describe("the report about sizes of servers", () => {
  const size = (rounds: readonly Round[], failure?: string): Size => ({ gib: 4, monitoring: true, limit: 3584, rounds, ended: [], peak: 2 ** 30, failure });

  test("a server carries as many clients as get their pages in time and without errors", () => {
    const rounds = [round("edge", 9, 100, { clients: 1 }), round("edge", 9, 1000), round("edge", 9, 4000, { clients: 50 })];
    expect(carried(size(rounds))).toBe(10);
    expect(carried(size([round("edge", 9, 100, { clients: 1 }), round("edge", 9, 1000, { errors: { 502: 1 } })]))).toBe(1);
    expect([carried(size([], "no memory")), carried(size([]))]).toEqual([undefined, 0]);
  });

  test("a server that does not even start misses the target, and the table says why", () => {
    const failed = size([], "bookstack-db is not healthy");
    expect(sizesTargets([failed]).map(({ figure }) => figure)).toEqual([0]);
    expect(sizesTargets([]).map(({ figure }) => figure)).toEqual([undefined]);
    const text = page(sizesPart([failed], { engine: "20.10.24", images: {}, seconds: 10, system: 512 }));
    expect(text).toContain("| 4 GiB, with monitoring | – | – / – / – | – / – / – | – | 1024 of 3584 | failed: bookstack-db is not healthy | – |");
  });
});

describe("what README and the comparison quote", () => {
  const report: Report = {
    name: "deploy",
    title: "Deploy",
    date: "2026-11-27",
    images: { traefik: "stand-in e2e/traefik:local" },
    judged: [{ target: { what: "No-op", unit: "×", atMost: 1.5 }, figure: 1.364, verdict: "met" }, { target: { what: "First", unit: "×", atMost: 1.3 }, verdict: "not measured" }], // biome-ignore format: one thought
    beside: [{ what: "first deploy", unit: "s", ours: 80, other: "a | b", theirs: 50 }, { what: "x", unit: "s", ours: 1, other: "y" }], // biome-ignore format: one thought
  };

  test("is what the report says, and names stand-ins", () => {
    const text = targetsTable([report], "docs/benchmarks");
    expect(text).toContain("| [deploy] | No-op | ≤ 1.5 × | 1.36 × | met |\n| [deploy] | First | ≤ 1.3 × | – | **not measured** |");
    expect(text).toMatch(/stand-in images[\s\S]*\[deploy\]: docs\/benchmarks\/deploy\.md$/);
    expect(besideTable([report], "benchmarks").split("\n")).toContain("| [deploy] | first deploy, s | 80 | a \\| b | 50 | 1.6 × |");
  });

  test("says so when nothing was measured", () => {
    expect([targetsTable([], ""), besideTable([], "")].every((text) => text.startsWith("Not measured: "))).toBe(true);
  });
});
