import { parseEnvironment } from "../lib/environment/load";
import { type AccessLogLine, type Asked, type Ban, EdgeAlone } from "./support/edge-alone";
import { ATTACKERS, HONEST_PEOPLE, WITHIN_THE_LIMITS } from "./support/honest-people";
import { EdgeLimits, type Hour, hourOf, type Kind, portalLogOf, recordKinds, routersOf } from "./support/traffic";

function environment(name: string, more = "") {
  const users = "users: [{ name: alice, displayName: Alice, email: alice@wiki.localhost, groups: [admin] }]";
  const wiki = /^wiki:/m.test(more) ? "" : "wiki: { admin: { email: first@wiki.localhost } }";
  return parseEnvironment(name, `domain: wiki.localhost\n${users}\nmonitoring: { enabled: false }\n${wiki}\n${more}`, `${name}.yaml`);
}

/** Everything is the default, with the guard in front: how nearly every wiki runs. */
const EDGE = new EdgeAlone(environment("hon"), 18_499, "10.214.9.0/26");
/** With the shortest time limit, so that what the wiki never answers ends while the test runs. */
const SHORT = new EdgeAlone(environment("hot", "wiki: { admin: { email: first@wiki.localhost }, timeLimit: 10s }"), 18_498, "10.214.11.0/26");
const ALL_CLIENTS = [...HONEST_PEOPLE, ...WITHIN_THE_LIMITS, ...ATTACKERS];

let kinds: Awaited<ReturnType<typeof recordKinds>>;
let hour: Hour;
let bans: readonly Ban[];
/** Status of a request that the wiki never answers. */
let unanswered: Promise<number>;

beforeAll(async () => {
  await SHORT.start({ crowdsec: false });
  unanswered = SHORT.ask(signedIn("patient", { "X-Wait": "600" }));
  await EDGE.start();
  kinds = await recordKinds(EDGE);
  const begin = Date.now() - 3_700_000;
  hour = hourOf(ALL_CLIENTS, kinds, new EdgeLimits(EDGE.file("traefik", "dynamic/routes.yml")), begin);
  EDGE.replay("traefik", hour.accessLog);
  bans = EDGE.replay("authelia", portalLogOf(ALL_CLIENTS, begin));
});

afterAll(() => {
  EDGE.remove();
  SHORT.remove();
});

const bansOf = (address: string) => bans.filter((ban) => ban.address === address).map(({ scenario }) => scenario);

/** Many requests at once: how many were answered with which status. */
async function askAtOnce(edge: EdgeAlone, count: number, asked: (index: number) => Asked): Promise<Record<number, number>> {
  const statuses = await Promise.all(Array.from({ length: count }, (_, index) => edge.ask(asked(index))));
  const counts: Record<number, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

const PAGE = { host: "bookstack", path: "/books/a/page/b", headers: { Accept: "text/html" } };
const signedIn = (user: string, more: Readonly<Record<string, string>> = {}) => ({
  ...PAGE,
  headers: { ...PAGE.headers, Cookie: `authelia_session=valid-${user}`, ...more },
});

describe("the rate limits of a real Traefik", () => {
  test("let an office of 30 open ten pages each at once behind one address, and limit one user alone", async () => {
    expect(await askAtOnce(EDGE, 300, (index) => signedIn(`person${index % 30}`))).toEqual({ 200: 300 });
    const { 200: served = 0, 429: refused = 0 } = await askAtOnce(EDGE, 250, () => signedIn("greedy"));
    expect([served + refused, served >= 150, refused >= 50]).toEqual([250, true, true]);
    expect(await askAtOnce(EDGE, 5, () => signedIn("person1"))).toEqual({ 200: 5 });
  });

  test("let a forged session reach nothing but the portal's answer, and neither the API nor the portal more often", async () => {
    const forged = { Cookie: "authelia_session=forged" };
    expect(await askAtOnce(EDGE, 200, () => ({ ...PAGE, headers: { ...PAGE.headers, ...forged } }))).toEqual({ 302: 200 });
    for (const [host, path] of [
      ["bookstack", "/api/pages/1"],
      ["auth", "/api/user/info"],
    ] as const) {
      expect((await askAtOnce(EDGE, 120, () => ({ host, path, headers: forged })))[429]).toBeGreaterThanOrEqual(40);
    }
  });

  test("are those by which an hour is written", async () => {
    const asked = 160;
    // fewer at a time than the limit of open requests
    for (let round = 0; round < 4; round++) {
      await askAtOnce(EDGE, asked / 4, () => ({ host: "bookstack", path: "/api/pages/1", headers: { Authorization: "Token valid:secret" } }));
    }
    const time = ({ StartUTC }: AccessLogLine) => Date.parse(`${StartUTC}`) / 1000;
    // whatever asked the API before has used up some of its limit
    const lines = EDGE.accessLog().filter((line) => routersOf(line)[0] === "api").sort((first, other) => time(first) - time(other)); // biome-ignore format: one thought
    const limits = new EdgeLimits(EDGE.file("traefik", "dynamic/routes.yml"));
    const begin = time(lines[0] ?? {});
    const written = lines.map((line) => limits.refusedBy(line, "client", "", time(line) - begin) !== undefined);
    const expected = written.slice(-asked).filter(Boolean).length;
    const refused = lines.slice(-asked).filter(({ DownstreamStatus }) => DownstreamStatus === 429).length;
    // times are those of the begin of a request, not of the moment at which it was counted
    expect(Math.abs(refused - expected)).toBeLessThanOrEqual(12);
    expect(refused).toBeGreaterThan(20);
  });
});

describe("behind a proxy, whose clients all come from one address", () => {
  const limits = "traefik: { rateLimit: { trusted: { perMinute: 1000, burst: 200 } } }";
  const access = 'access: { proxies: [10.214.10.1/32], trusted: [203.0.113.64/26, "2001:db8::/32"] }';
  const behind = new EdgeAlone(environment("hop", `${access}\n${limits}\n`), 18_500, "10.214.10.0/26");
  const from = (client: string) => ({ ...PAGE, headers: { ...PAGE.headers, "X-Forwarded-For": client } });

  beforeAll(() => behind.start({ crowdsec: false }));
  afterAll(() => behind.remove());

  test("each client has its own limit, and one of a trusted network a higher one", async () => {
    expect((await askAtOnce(behind, 120, () => from("198.51.100.7")))[429]).toBeGreaterThanOrEqual(40);
    expect(await askAtOnce(behind, 20, () => from("198.51.100.8"))).toEqual({ 302: 20 });
    expect(await askAtOnce(behind, 120, () => from("203.0.113.70"))).toEqual({ 302: 120 });
    expect((await askAtOnce(behind, 120, () => from("203.0.113.63")))[429]).toBeGreaterThanOrEqual(40);
  });

  test("a client does not become trusted by what it writes into the list", async () => {
    expect((await askAtOnce(behind, 120, () => from("203.0.113.71, 198.51.100.9")))[429]).toBeGreaterThanOrEqual(40);
  });

  test("a signed-in user is logged so that CrowdSec knows", async () => {
    expect(await behind.ask({ ...signedIn("alice", { "X-Forwarded-For": "198.51.100.10" }), path: "/?signed-in" })).toBe(200);
    const line = behind.accessLog().find(({ RequestPath }) => RequestPath === "/?signed-in") ?? {};
    expect([routersOf(line), line.ClientHost]).toEqual([["sessions", "one-hop", "bookstack"], "198.51.100.10"]);
  });
});

describe("the kinds of requests of which an hour is made", () => {
  test.each<[Kind, readonly string[], number]>([
    ["page", ["sessions", "bookstack"], 200],
    ["missing", ["sessions", "bookstack"], 404],
    ["image", ["sessions", "bookstack-assets"], 200],
    ["script", ["assets", "bookstack-open-assets"], 200],
    ["noSession", ["pages", "bookstack"], 0],
    ["staleSession", ["sessions", "bookstack"], 0],
    ["api", ["api", "bookstack-api"], 200],
    ["portal", ["assets", "auth-assets"], 200],
    ["wrongPassword", ["pages", "auth-costly"], 401],
    ["overLimit", ["pages"], 0],
  ])("%s is logged by Traefik with the routers that CrowdSec looks for", (kind, routers, origin) => {
    const line = kinds.get(kind) ?? {};
    expect([routersOf(line), line.OriginStatus]).toEqual([routers, origin]);
  });

  test("a request that its client gave up is none that the wiki refused", () => {
    expect(kinds.get("aborted")).toMatchObject({ DownstreamStatus: 499 });
  });
});

describe("an hour of an honest person", () => {
  test.each(HONEST_PEOPLE)("$name is not banned", ({ address }) => {
    expect(bansOf(address)).toEqual([]);
  });

  test.each(WITHIN_THE_LIMITS)("$name is not banned", ({ name, address }) => {
    expect([bansOf(address), hour.refused[name]]).toEqual([[], 0]);
  });

  test.each(HONEST_PEOPLE.filter(({ patient }) => !patient))("$name never gets 429", ({ name }) => {
    expect(hour.refused[name]).toBe(0);
  });
});

describe("an attack in the same hour", () => {
  test.each(ATTACKERS)("$name is banned", ({ address }) => {
    expect(bansOf(address)).not.toEqual([]);
  });
});

test("a request that the wiki never answers ends with 504, after the time in which it should have been answered, and others are served meanwhile", async () => {
  expect(await SHORT.ask(signedIn("alice"))).toBe(200);
  expect(await unanswered).toBe(504);
  // by the edge's own clock, in nanoseconds: this program was busy meanwhile
  const { Duration = 0 } = SHORT.accessLog().find(({ DownstreamStatus }) => DownstreamStatus === 504) ?? {};
  // a minute in the queue, and twice the time limit
  expect(Math.round(Number(Duration) / 1e10)).toBe(8);
});
