import { parseEnvironment } from "../lib/environment/load";
import { type Ban, EdgeAlone } from "./support/edge-alone";
import { ATTACKERS, HONEST_PEOPLE, WITHIN_THE_LIMITS } from "./support/honest-people";
import { EdgeLimits, type Hour, hourOf, type Kind, portalLogOf, recordKinds, routersOf } from "./support/traffic";

/** Everything is the default, with the guard in front: how nearly every wiki runs. */
const ENVIRONMENT = parseEnvironment(
  "hon",
  `domain: wiki.localhost
users: [{ name: alice, displayName: Alice, email: alice@wiki.localhost, groups: [admin] }]
monitoring: { enabled: false }
wiki: { admin: { email: first@wiki.localhost } }
`,
  "hon.yaml",
);
const EDGE = new EdgeAlone(ENVIRONMENT, 18_499);
const EVERYBODY = [...HONEST_PEOPLE, ...WITHIN_THE_LIMITS, ...ATTACKERS];

let kinds: Awaited<ReturnType<typeof recordKinds>>;
let hour: Hour;
let bans: readonly Ban[];

beforeAll(async () => {
  await EDGE.start();
  kinds = await recordKinds(EDGE);
  const begin = Date.now() - 3_700_000;
  hour = hourOf(EVERYBODY, kinds, new EdgeLimits(EDGE.file("traefik", "dynamic/routes.yml")), begin);
  EDGE.replay("traefik", hour.accessLog);
  bans = EDGE.replay("authelia", portalLogOf(EVERYBODY, begin));
});

afterAll(() => {
  EDGE.remove();
});

const bansOf = (address: string) => bans.filter((ban) => ban.address === address).map(({ scenario }) => scenario);

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
    ["wrongPassword", ["pages", "auth-concurrent"], 401],
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

  test.each(HONEST_PEOPLE.filter(({ patient }) => !patient))("$name is never told to wait", ({ name }) => {
    expect(hour.refused[name]).toBe(0);
  });
});

describe("an attack in the same hour", () => {
  test.each(ATTACKERS)("$name is banned", ({ address }) => {
    expect(bansOf(address)).not.toEqual([]);
  });
});
