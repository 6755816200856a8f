import { check } from "../../../../lib/verify/checks/network-isolation";
import { findings } from "../subject";

const asked: string[] = [];
/** A world where `from` reaches whatever `reaches` lets through. */
const world = (reaches: (from: string, target: string) => boolean, wayOut: readonly string[] = ["traefik"]) => ({
  inside: {
    probe: async ({ network }: { network: string }, [verb, ...targets]: readonly string[]) => {
      const from = network.replace("container:local-", "");
      if (verb === "listen") return { ports: from === "bookstack-db" ? [3306] : [8080, 3000], hasWayOut: wayOut.includes(from) };
      asked.push(...targets.map((target) => `${from} ${target}`));
      return targets.filter((target) => reaches(from, target));
    },
  },
});

beforeEach(() => asked.splice(0));

test("holds where nobody reaches a network that is not its own", async () => {
  expect(
    await findings(
      check,
      world(() => false),
    ),
  ).toEqual([]);
});

test("each container tries every port of each that it shares no network with, and no other", async () => {
  await findings(
    check,
    world(() => false),
  );
  // traefik is on proxy and backend, bookstack-db on database alone; bookstack is with either of them
  expect(asked).toEqual([
    "traefik 10.0.0.12:3306",
    "bookstack-db 10.0.0.10:8080",
    "bookstack-db 10.0.0.10:3000",
    "bookstack-db 10.0.1.10:8080",
    "bookstack-db 10.0.1.10:3000",
  ]);
});

test("an edge that reaches the database is found", async () => {
  expect(
    await findings(
      check,
      world((from) => from === "traefik"),
    ),
  ).toEqual(["traefik reaches bookstack-db at 10.0.0.12:3306, and shares no network with it"]);
});

test("a database with a way out is found", async () => {
  expect(
    await findings(
      check,
      world(() => false, ["traefik", "bookstack-db"]),
    ),
  ).toEqual(["bookstack-db has a way out, and is planned on internal networks alone"]);
});
