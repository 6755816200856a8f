import type { Check, Outcome } from "../../../../lib/operations/verify/check";
import { CHECKS } from "../../../../lib/operations/verify/checks";
import { exitCodeOf, verify } from "../../../../lib/operations/verify/run";
import type { Target } from "../../../../lib/operations/verify/target";
import { healthyTarget } from "./healthy";

jest.mock("node:timers/promises", () => ({ setTimeout: async () => undefined }));

/** Everything by which a check sees anything, and what it gives where nothing can be seen. */
const SILENCE: Readonly<Record<string, readonly unknown[]>> = {
  ask: [{ status: 0, headers: {} }],
  shakeHands: [undefined],
  reaches: [false],
  resolve: [[]],
  dockerCertificates: [{}],
  inspect: [[]],
  internalNetworks: [[]],
  exec: [""],
  hostFiles: [undefined, {}],
  hostChecks: [[]],
  // it makes a place to look from, and sees nothing itself
  onNetwork: [],
  "probe listen": [[], null],
  "probe connect": [[], null],
  "probe ask": [[], null],
  "probe from": [{}, null],
  "probe addresses": [[], null],
  "probe answer": [[], null],
  "probe resolve": [[], null],
  "probe certificate": [null, ""],
};
/** Where silence is what a check hopes for, and something else tells whether it could see. */
const WANTED: Readonly<Record<string, string>> = {
  "outbound probe resolve []": "the wiki must find no name; whether the probe works is seen by what it reaches",
};

type Sense = (...args: never[]) => unknown;

/** The healthy world, with `instead` in the place of each sense of the name `silenced`; `used` takes the names of all that are used. */
function worldWith(used: Set<string>, silenced?: string, instead: () => unknown = () => undefined): Target {
  const subject = healthyTarget();
  const watched = <T extends object>(senses: T): T =>
    Object.fromEntries(
      Object.entries(senses as Record<string, Sense>).map(([method, sense]) => [
        method,
        (...args: never[]) => {
          const name = method === "probe" ? `probe ${(args as unknown as [unknown, string[]])[1][0]}` : method;
          used.add(name);
          if (name !== silenced) return sense.apply(senses, args);
          return name === "hostChecks" ? instead() : (async () => instead())();
        },
      ]),
    ) as T;
  const { hostChecks } = watched({ hostChecks: subject.hostChecks });
  return { ...subject, outside: watched(subject.outside), inside: watched(subject.inside), hostChecks };
}

function fails(): never {
  throw new Error("no answer");
}

async function outcomeOf(check: Check, subject: Target): Promise<Outcome> {
  const [outcome] = await verify(subject, [check], () => undefined);
  if (outcome === undefined) throw new Error("no outcome");
  return outcome;
}

/** Senses that a check uses where all is as promised. */
async function sensesOf(check: Check): Promise<string[]> {
  const used = new Set<string>();
  await outcomeOf(check, worldWith(used));
  return [...used];
}

function silences(sense: string) {
  const answers = SILENCE[sense];
  if (answers === undefined) throw new Error(`a check uses ${sense}; add to SILENCE what it gives where nothing can be seen`);
  return answers.map((answer) => ({ sense, answer }));
}

describe.each(CHECKS.map((check) => [check.name, check] as const))("%s", (name, check) => {
  test("is ok in the world where all is as promised", async () => {
    expect(await outcomeOf(check, worldWith(new Set()))).toMatchObject({ result: "ok" });
  });

  test("is not ok where any of its senses is silent", async () => {
    const senses = await sensesOf(check);
    expect(senses.length).toBeGreaterThan(0);
    const ok: string[] = [];
    for (const { sense, answer } of senses.flatMap(silences)) {
      const { result } = await outcomeOf(
        check,
        worldWith(new Set(), sense, () => answer),
      );
      const what = `${name} ${sense} ${JSON.stringify(answer)}`;
      if (result === "ok" && WANTED[what] === undefined) ok.push(what);
    }
    expect(ok).toEqual([]);
  });

  test("is unknown where any of its senses fails", async () => {
    const known: string[] = [];
    for (const sense of await sensesOf(check)) {
      const { result } = await outcomeOf(check, worldWith(new Set(), sense, fails));
      if (result !== "unknown") known.push(`${sense}: ${result}`);
    }
    expect(known).toEqual([]);
  });

  test("is unknown where the plan is empty", async () => {
    expect(await outcomeOf(check, { ...healthyTarget(), services: [], urls: {} })).toMatchObject({ result: expect.not.stringMatching("ok") });
  });
});

test("the exit code tells what failed from what is not known, and neither from what is well", () => {
  const ok = { name: "a", result: "ok", promise: "" } as const;
  const skipped = { name: "b", result: "skipped", reason: "" } as const;
  const unknown = { name: "c", result: "unknown", findings: [] } as const;
  const failed = { name: "d", result: "failed", findings: [] } as const;
  expect([[ok, skipped], [ok, unknown], [unknown, failed, ok], []].map(exitCodeOf)).toEqual([0, 2, 1, 2]);
});
