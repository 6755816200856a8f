import { check } from "../../../../../lib/operations/verify/checks/network-isolation";
import type { Inspected } from "../../../../../lib/operations/verify/target";
import { asPlanned, findings, SERVICES } from "../target";

const requests: string[] = [];
/** Where others listen on networks that they share with it; traefik: 10.0.0.10 on proxy, 10.0.1.10 on backend; bookstack: 10.0.0.11 on backend,
 * 10.0.1.11 on database; bookstack-db: 10.0.0.12 on database. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  traefik: ["10.0.0.11:8080", "10.0.0.11:3000"],
  bookstack: ["10.0.1.10:8080", "10.0.1.10:3000", "10.0.0.12:3306"],
  "bookstack-db": ["10.0.1.11:8080", "10.0.1.11:3000"],
};

/** A world where `from` reaches whatever `reaches` lets through, and what it shares a network with unless it is `cut` off. */
const world = (reaches: (from: string, target: string) => boolean, change: (found: Inspected) => Inspected = (same) => same, cut = "") => ({
  inside: {
    inspect: async () => SERVICES.map(asPlanned).map(change),
    probe: async ({ network }: { network: string }, [verb, ...targets]: readonly string[]) => {
      const from = network.replace("container:local-", "");
      if (verb === "listen") return from === "bookstack-db" ? [3306] : [8080, 3000];
      requests.push(...targets.map((target) => `${from} ${target}`));
      return targets.filter((target) => reaches(from, target) || (from !== cut && SHARED[from]?.includes(target)));
    },
  },
});

beforeEach(() => requests.splice(0));

test("succeeds if no container reaches a network that it is not on", async () => {
  expect(
    await findings(
      check,
      world(() => false),
    ),
  ).toEqual([]);
});

test("each container tries every port of the others on every network that they do not share, and of those that they do to see whether it can", async () => {
  await findings(
    check,
    world(() => false),
  );
  const others = requests.filter((line) => !Object.entries(SHARED).some(([from, targets]) => targets.some((target) => line === `${from} ${target}`)));
  expect(requests.length - others.length).toBe(Object.values(SHARED).flat().length);
  expect(others).toEqual([
    ...["10.0.1.11:8080", "10.0.1.11:3000", "10.0.0.12:3306"].map((target) => `traefik ${target}`),
    ...["10.0.0.10:8080", "10.0.0.10:3000"].map((target) => `bookstack ${target}`),
    ...["10.0.0.10:8080", "10.0.0.10:3000", "10.0.1.10:8080", "10.0.1.10:3000", "10.0.0.11:8080", "10.0.0.11:3000"].map((target) => `bookstack-db ${target}`),
  ]);
});

test("an edge that reaches the database is found", async () => {
  expect(
    await findings(
      check,
      world((from, target) => from === "traefik" && target.startsWith("10.0.0.12")),
    ),
  ).toEqual(["traefik reaches bookstack-db at 10.0.0.12:3306, on a network that they do not share"]);
});

test("a database that was added to the proxy network is found there", async () => {
  const joined = (found: Inspected): Inspected =>
    found.Name === "/local-bookstack-db"
      ? { ...found, NetworkSettings: { Networks: { ...found.NetworkSettings.Networks, "local-proxy": { IPAddress: "10.0.9.9" } } } }
      : found;
  expect(
    await findings(
      check,
      world((_, target) => target === "10.0.9.9:3306", joined),
    ),
  ).toContain("traefik reaches bookstack-db at 10.0.9.9:3306, on a network that they do not share");
});

test("a network that is no longer internal is found", async () => {
  const internalNetworks = async () => ["local-backend"];
  expect(await findings(check, { inside: { ...world(() => false).inside, internalNetworks } })).toEqual(["local-database has a way out"]);
});

test("a container that reaches not even its own networks was not seen", async () => {
  expect(
    await findings(
      check,
      world(() => false, undefined, "bookstack"),
    ),
  ).toEqual(["unknown: bookstack reaches nothing on its own networks either, so it is not known what else it reaches"]);
});

test("a stopped container is not probed, and does not count as isolated", async () => {
  const stopped = (found: Inspected): Inspected => ({ ...found, State: { Running: found.Name !== "/local-traefik" } });
  expect(
    await findings(
      check,
      world(() => false, stopped),
    ),
  ).toEqual(["unknown: traefik does not run, so it is not known what it reaches"]);
  expect(requests.filter((line) => line.includes("traefik") || line.includes("10.0.0.10"))).toEqual([]);
});
