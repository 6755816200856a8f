import { missedTargets, type Outcome, type Seen } from "../e2e/faults/fault";
import { markdown } from "../e2e/faults/report";

const FINE: Seen = { failures: {}, requests: 20, longestSeconds: 0.4, signIns: 0 };
const KILLED: Outcome = {
  part: "bookstack",
  what: "killed (-9)",
  byHand: false,
  date: "2026-01-02",
  seen: { reader: FINE, editor: { ...FINE, failures: { 502: 3, ECONNRESET: 1 }, signIns: 1 }, administrator: FINE },
  wholeSeconds: 12,
  longestSeconds: 0.4,
  acknowledged: 18,
  lost: 0,
  alerts: [],
  others: [],
  missed: [],
};

describe("the targets of a fault", () => {
  test("are met by a part that is back in time, with every save", () => {
    expect(missedTargets(KILLED, undefined)).toEqual([]);
  });

  test.each<[string, Partial<Outcome>, string]>([
    ["a part that takes longer", { wholeSeconds: 61 }, "whole again after 61 s"],
    ["a part that does not come back", { wholeSeconds: undefined }, "whole again after more than 180 s"],
    ["a save that is lost", { lost: 1 }, "1 acknowledged saves are lost"],
    ["a request that hangs", { longestSeconds: 20 }, "a request took 20 s"],
    ["another part that ends, too", { others: ["traefik"] }, "it also ended traefik"],
  ])("are missed by %s", (_, change, missed) => {
    expect(missedTargets({ ...KILLED, ...change }, undefined)).toEqual([missed]);
  });

  test("are missed by what the fault itself found afterwards", () => {
    expect(missedTargets(KILLED, "2 entities stay invisible")).toEqual(["2 entities stay invisible"]);
  });
});

describe("the page about faults", () => {
  const report = {
    machine: "2 processors",
    engine: "20.10.24",
    images: { bookstack: "stand-in e2e/bookstack:local" },
    notRun: [{ what: "A clock", why: "none" }],
  };
  const slow: Outcome = { ...KILLED, part: "authelia", wholeSeconds: undefined, missed: ["whole again after more than 180 s"] };
  const page = markdown({ ...report, outcomes: [KILLED, slow] });

  test("has a line for each fault, and says which targets are missed", () => {
    expect(page).toContain("| bookstack | killed (-9) | 12 s | 0.4 s | 0 of 18 | met |");
    expect(page).toContain("| authelia | killed (-9) | not within 180 s | 0.4 s | 0 of 18 | **missed** |");
    expect(page).toContain("1 of 2 faults");
    expect(page).toContain("- **target missed**: whole again after more than 180 s");
  });

  test("says what each person saw, and names stand-ins", () => {
    expect(page).toContain("- editor: 3 × 502, 1 × ECONNRESET (of 20 requests), longest 0.4 s, signed in again 1 ×");
    expect(page).toContain("- bookstack: stand-in e2e/bookstack:local");
  });

  test("has lines of at most 120 columns outside of its table", () => {
    expect(page.split("\n").filter((line) => line.length > 120 && !line.startsWith("|"))).toEqual([]);
  });
});
