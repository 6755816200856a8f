import { check } from "../../../../../lib/operations/verify/checks/ban";
import { findings, type World } from "../target";

jest.mock("node:timers/promises", () => ({ setTimeout: async () => undefined }));

const lifted: string[] = [];

/** A world in which an attack has these consequences. */
function world({ bans = true, others = false, lifts = true, answer = 403, answers = true, late = 0 }): World {
  let bansToCome = late;
  const banned = new Set<string>();
  return {
    inside: {
      exec: async (container, args) => {
        expect([container, args.slice(0, 3)]).toEqual(["local-crowdsec", ["cscli", "decisions", "delete"]]);
        lifted.push(args.at(-1) ?? "");
        if (lifts) banned.clear();
        if (bansToCome-- > 0) banned.add(args.at(-1) ?? "");
        return "";
      },
      probe: async ({ network, ip = "" }, [, , , , ...paths]) => {
        expect(network).toBe("local-verify");
        const statuses = paths.map(() => (answers && !banned.has(ip) ? 302 : answer));
        if (bans && paths.some((path) => path.endsWith(".env"))) for (const address of others ? [ip, "198.18.83.11"] : [ip]) banned.add(address);
        return statuses;
      },
    },
  };
}

beforeEach(() => lifted.splice(0));

test("succeeds if only the attacker is banned, and the ban can be lifted", async () => {
  expect(await findings(check, world({}))).toEqual([]);
  expect(lifted).toEqual(["198.18.83.10"]);
});

test("succeeds if requests of the attack that are read late cause another ban, and lifts that one, too", async () => {
  expect(await findings(check, world({ late: 2 }))).toEqual([]);
  expect(lifted).toEqual(["198.18.83.10", "198.18.83.10", "198.18.83.10"]);
});

test("succeeds if the firewall of the host drops banned addresses", async () => {
  expect(await findings(check, world({ answer: 0 }))).toEqual([]);
});

test("a reverse proxy that answers no client is not a ban", async () => {
  await expect(findings(check, world({ answers: false, answer: 0 }))).rejects.toThrow("the edge does not answer at 198.18.83.2:443");
});

test.each([
  [{ bans: false }, "an attack of 40 requests was not answered with a ban"],
  [{ others: true }, "an address that did nothing is banned, too"],
  [{ others: true, answer: 0 }, "an address that did nothing is banned, too"],
  [{ lifts: false }, "a ban that was lifted goes on"],
  [{ lifts: false, answer: 0 }, "a ban that was lifted goes on"],
])("%j is found, and the ban is lifted whatever happens", async (mutation, problem) => {
  expect(await findings(check, world(mutation))).toEqual([problem]);
  expect(new Set(lifted)).toEqual(new Set(["198.18.83.10"]));
});
