import { spawnSync } from "node:child_process";
import { describeUnless } from "../__tests__/support/needs";
import type { Credentials } from "../lib/cli/commands/credentials";
import { Deployment, docker, succeeded, until } from "./support/deployment";
import { Attack, type Flood, life, memoryDuring } from "./support/flood";
import { LEFT_OUT } from "./support/needs";
import { type PortalAnswer, type Site, Visitor } from "./support/portal";

const FLO = new Deployment({ name: "flo", http: 18_101, https: 18_471, subnets: 228 });
const [EDGE, PORTAL, WIKI] = ["traefik", "authelia", "bookstack"].map((service) => FLO.container(service)) as [string, string, string];
const BOOKSTACK = "bookstack.wiki.localhost";
const AUTH = "auth.wiki.localhost";
/** Share of its memory that a container may use under a flood. */
const MOST_PERCENT = 80;

let site: Site;
let reader: Visitor;
let attack: Attack;
let password: string;

interface Reading {
  readonly status: number;
  readonly seconds: number;
  readonly retryAfter: string | undefined;
}

async function read(visitor: Visitor, path: string): Promise<Reading> {
  const began = Date.now();
  const answer: PortalAnswer = await visitor.ask(visitor.url("bookstack", path), { seconds: 90 });
  return { status: answer.status, seconds: (Date.now() - began) / 1000, retryAfter: answer.headers["retry-after"] as string | undefined };
}

/** Reads a page again and again while `work` goes on. */
async function readDuring<T>(work: Promise<T>): Promise<{ result: T; readings: Reading[] }> {
  let goesOn = true;
  const done = work.finally(() => {
    goesOn = false;
  });
  const readings: Reading[] = [];
  while (goesOn) {
    readings.push(await read(reader, "/books"));
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return { result: await done, readings };
}

function counts(readings: readonly Reading[]): Record<number, number> {
  const found: Record<number, number> = {};
  for (const { status } of readings) found[status] = (found[status] ?? 0) + 1;
  return found;
}

function percentile(readings: readonly Reading[], share: number): number {
  const sorted = readings.map(({ seconds }) => seconds).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
}

/** For the log of the run: figures are compared from one version to the next. */
function note(what: string, figures: object): void {
  process.stderr.write(`${what}: ${JSON.stringify(figures)}\n`);
}

function sessions(): number {
  const program = `<?php require "/var/www/bookstack/vendor/autoload.php";
(require "/var/www/bookstack/bootstrap/app.php")->make(Illuminate\\Contracts\\Console\\Kernel::class)->bootstrap();
echo Illuminate\\Support\\Facades\\DB::table("sessions")->count();`;
  return Number(succeeded(spawnSync("docker", ["exec", "--interactive", WIKI, "php"], { input: program, encoding: "utf8" })));
}

/** Wrong passwords that the portal has hashed. */
function hashed(): number {
  const log = docker("exec", PORTAL, "cat", "/var/log/authelia/authelia.log").split("\n");
  return log.filter((line) => line.includes("1FA authentication attempt by user 'victim'") && !line.includes("banned")).length;
}

beforeAll(async () => {
  FLO.clean();
  // the reader represents many users, whose requests are counted separately
  const signedIn = { perMinute: 60_000, burst: 10_000 };
  const users = ["demo", "victim"].map((name) => ({ name, displayName: name, email: `${name}@wiki.localhost`, groups: ["admin"] }));
  // an account that is closed costs the portal nothing: here each try is a hash
  const signOn = { tries: 100, banTime: "10s" };
  FLO.write({ users, signOn, crowdsec: { appsec: true }, traefik: { rateLimit: { signedIn } } });
  FLO.must("deploy");
  site = { domain: "wiki.localhost", port: FLO.https, ca: FLO.must("ca") };
  const credentials = (): Credentials => JSON.parse(FLO.must("credentials", "--json"));
  password = credentials().users.find(({ name }) => name === "demo")?.password ?? "";
  reader = new Visitor(site);
  expect(await reader.firstFactor("demo", password)).toBe(200);
  const device = await reader.enrol(() => credentials().message ?? "");
  expect(await reader.secondFactor(device)).toBe(200);
  expect((await reader.visit(reader.url("bookstack", "/"))).status).toBe(200);
  const image = FLO.summary().containers.find(({ name }) => name === WIKI)?.image ?? "";
  attack = new Attack({ deployment: FLO, network: `${FLO.name}-proxy`, subnet: "10.228.1", edge: "10.228.1.10", image });
  attack.remove();
});

afterAll(() => {
  attack?.remove();
  FLO.clean();
});

const kind = (name: string, count: number, seconds: number, attackers: number, host = BOOKSTACK, path = "/"): Flood => {
  return { kind: name, host, path, count, seconds, attackers };
};
const LOGIN = [AUTH, "/api/firstfactor"] as const;
const FLOODS = [
  kind("bodies", 12, 8, 3),
  kind("slow-bodies", 60, 6, 3),
  kind("idle", 300, 8, 2),
  kind("headers", 60, 6, 2),
  kind("resets", 8, 8, 2),
  kind("tries", 25, 15, 2, ...LOGIN),
];
/** Others of the same kinds. */
const MORE_FLOODS = [
  kind("chunks", 60, 6, 1, BOOKSTACK, "/dist/app.js"),
  kind("slow-tokens", 40, 8, 2, BOOKSTACK, "/api/pages"),
  kind("slow-heads", 150, 6, 1),
  kind("streams", 8, 6, 2),
  kind("tries", 45, 10, 2, ...LOGIN),
  kind("slow-tries", 45, 6, 2, ...LOGIN),
];
const NAMED = "$kind from $attackers addresses, $count of each";

async function isBorne(flood: Flood): Promise<void> {
  const before = [EDGE, PORTAL, WIKI].map(life);
  const { result, shares } = await memoryDuring([EDGE, PORTAL, WIKI], () => readDuring(attack.run(flood)));
  const { readings } = result;
  note(flood.kind, { answers: result.result, shares, readings: counts(readings), longest: percentile(readings, 1) });
  expect([EDGE, PORTAL, WIKI].map(life)).toEqual(before);
  expect(shares[EDGE]).toBeLessThan(MOST_PERCENT);
  expect(shares[PORTAL]).toBeLessThan(MOST_PERCENT);
  // a signed-in reader is served meanwhile
  expect(counts(readings)).toEqual({ 200: readings.length });
  expect(readings.length).toBeGreaterThanOrEqual(2);
  expect(percentile(readings, 1)).toBeLessThan(15);
}

describeUnless(LEFT_OUT, "more floods", () => {
  test.each(MORE_FLOODS)(NAMED, isBorne);
});

describe("no external client can take it down", () => {
  test.each(FLOODS)(NAMED, isBorne);

  test("50 logins at once from one address do not keep others from signing in, and the portal has memory for them", async () => {
    const before = [EDGE, PORTAL].map(life);
    const hashedBefore = hashed();
    const { result, shares } = await memoryDuring([EDGE, PORTAL], async () => {
      const flood = attack.run({ kind: "tries", host: AUTH, path: "/api/firstfactor", count: 50, seconds: 20, attackers: 1 });
      await new Promise((resolve) => setTimeout(resolve, 2000));
      const began = Date.now();
      const status = await new Visitor(site).firstFactor("demo", password);
      return { status, seconds: (Date.now() - began) / 1000, answers: await flood };
    });
    note("sign-in during 50 logins", { ...result, shares, hashed: hashed() - hashedBefore });
    expect([result.status, [EDGE, PORTAL].map(life)]).toEqual([200, before]);
    expect(result.seconds).toBeLessThan(15);
    expect(shares[EDGE]).toBeLessThan(MOST_PERCENT);
    expect(shares[PORTAL]).toBeLessThan(MOST_PERCENT);
    expect(hashed() - hashedBefore).toBeGreaterThanOrEqual(20);
  });

  test("the edge's own questions to the portal are for containers alone", async () => {
    const stranger = new Visitor(site);
    for (const path of ["/api/authz/forward-auth", "//api//authz/forward-auth"]) {
      // this machine asks from an address of the edge's own network with a route out
      expect([path, (await stranger.ask(stranger.url("auth", path), { method: "POST", form: {} })).status]).toEqual([path, 403]);
    }
  });
});

describe("a slow wiki is not a dead one", () => {
  const many = (count: number, rounds: number) =>
    Promise.all(
      Array.from({ length: count }, async () => {
        const found: Reading[] = [];
        for (let round = 0; round < rounds; round++) found.push(await read(reader, "/books"));
        return found;
      }),
    ).then((all) => all.flat());

  test("50 readers at once are all served, and the wiki counts as healthy", async () => {
    const readings = await many(50, 5);
    note("50 readers", { readings: counts(readings), p50: percentile(readings, 0.5), p95: percentile(readings, 0.95), longest: percentile(readings, 1) });
    expect(counts(readings)).toEqual({ 200: 250 });
    expect(docker("inspect", "--format", "{{.State.Health.Status}}", WIKI)).toBe("healthy");
  });

  test("only requests that exceed the queue get 503", async () => {
    // a wiki that is paused until the queue is full: a fast one would serve them all
    let full = false;
    docker("pause", WIKI);
    const requests = Promise.all(
      Array.from({ length: 380 }, async () => {
        const reading = await read(reader, "/books");
        full ||= reading.status === 503;
        return reading;
      }),
    );
    try {
      await until(() => full, 25, "the queue is full");
    } finally {
      docker("unpause", WIKI);
    }
    const readings = await requests;
    note("380 readers", { readings: counts(readings), longest: percentile(readings, 1) });
    const log = docker("exec", EDGE, "tail", "-n", "400", "/var/log/traefik/access.log").split("\n");
    // tries of the test before at the portal may end only now
    const others = log.filter((line) => line.includes(`"RequestHost":"bookstack.`) && /"DownstreamStatus":(?!200|302|303|503)/.test(line));
    expect([Object.keys(counts(readings)), others]).toEqual([["200", "503"], []]);
    expect(counts(readings)[200]).toBeGreaterThanOrEqual(150);
    for (const { status, retryAfter } of readings) if (status === 503) expect(Number(retryAfter)).toBeGreaterThanOrEqual(5);
  });

  test("a dead one is reported at once", async () => {
    docker("stop", "--time", "1", WIKI);
    const { status, seconds } = await read(reader, "/books");
    note("dead wiki", { status, seconds });
    docker("start", WIKI);
    expect([502, 503, 504]).toContain(status);
    expect(seconds).toBeLessThan(10);
    await until(async () => (await read(reader, "/books")).status === 200, 90, "the wiki is back");
  });
});

describe("the wall has no gap", () => {
  test("what needs no session never makes BookStack begin one (F3)", async () => {
    const stranger = new Visitor(site);
    const paths = ["/dist/invented.js", "//dist/invented.js", "/libs/invented", "/favicon.ico", "/api/books", "/api/invented"];
    const headers: Record<string, string>[] = [{}, { authorization: "Token made:up" }];
    const before = sessions();
    const cookies: string[] = [];
    for (const path of paths) {
      for (const each of headers) {
        const answer = await stranger.ask(stranger.url("bookstack", path), { headers: each });
        cookies.push(...[answer.headers["set-cookie"] ?? []].flat().map((cookie) => `${path} ${cookie}`));
      }
    }
    expect(cookies).toEqual([]);
    // the health check makes one, now and then
    expect(sessions() - before).toBeLessThanOrEqual(2);
  });
});
