import { type Judged, machine, type Part, short } from "./report";
import { measured } from "./statistics";

/** One attack by one address. */
export interface Attack {
  readonly name: string;
  /** Seconds from its first request to the first innocent request of its address that was refused; nothing when none was. */
  readonly seconds?: number;
  /** Malicious requests until then. */
  readonly requests: number;
  /** Answers to the malicious requests, by status. */
  readonly answers: Readonly<Record<string, number>>;
}

/** An honest person or program, and how often it was banned in an hour. */
export interface Honest {
  readonly name: string;
  readonly requests: number;
  readonly bans: number;
}

export function detectionTargets(attacks: readonly Attack[], honest: readonly Honest[]): Judged[] {
  const missed = { what: "Attacks that were not refused", unit: "attacks", atMost: 0 };
  const banned = { what: "Honest people and programs that were banned", unit: "bans", atMost: 0 };
  return [
    attacks.length === 0 ? { target: missed } : { target: missed, figure: attacks.filter(({ seconds }) => seconds === undefined).length },
    honest.length === 0 ? { target: banned } : { target: banned, figure: honest.reduce((sum, { bans }) => sum + bans, 0) },
  ];
}

interface About {
  readonly engine: string;
  readonly images: Readonly<Record<string, string>>;
  /** Longest time for which an attack goes on. */
  readonly seconds: number;
}

export function detectionPart(attacks: readonly Attack[], honest: readonly Honest[], { seconds, ...about }: About): Part {
  const names = [...new Set(attacks.map(({ name }) => name))];
  const figures = names.map((name) => {
    const mine = attacks.filter((attack) => attack.name === name);
    return { name, mine, all: measured(mine.flatMap((attack) => attack.seconds ?? [])) };
  });
  const statuses = (mine: readonly Attack[]) => {
    const sums: Record<string, number> = {};
    for (const { answers } of mine) for (const [status, count] of Object.entries(answers)) sums[status] = (sums[status] ?? 0) + count;
    return Object.entries(sums).map(([status, count]) => `${count} × ${status}`).join(", "); // biome-ignore format: one thought
  };
  return {
    name: "detection",
    title: "Detection",
    about:
      "Time from the first malicious request of an address until an innocent request of the same address is refused, with the default rate limits; and bans of honest people in an hour of their requests.",
    command: "npm run bench:detection",
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    ...about,
    judged: detectionTargets(attacks, honest),
    tables: [
      {
        title: "Attacks",
        head: ["attack", "median s", "spread s", "refused of runs", "malicious requests", "answers to them"],
        rows: figures.map(({ name, mine, all }) => [
          name,
          short(all?.median),
          all ? `${short(all.low)}–${short(all.high)}` : "–",
          `${all?.rounds ?? 0} of ${mine.length}`,
          short(measured(mine.map(({ requests }) => requests))?.median),
          statuses(mine),
        ]),
      },
      {
        title: "Honest people",
        head: ["person or program", "requests in an hour", "bans"],
        rows: honest.map(({ name, requests, bans }) => [name, `${requests}`, `${bans}`]),
      },
    ],
    plots: [
      {
        name: "seconds",
        title: "First malicious request to first refusal",
        axis: "seconds",
        bars: figures.map(({ name, all }) => {
          const group = all ? name : `${name} (not refused)`;
          return { group, series: "seconds", value: all?.median ?? 0, low: all?.low ?? 0, high: all?.high ?? 0 };
        }),
      },
    ],
    notes: [
      `Each attack comes from an address of its own, with four requests a second, and ends with the first refusal or after ${seconds} s. Every half second the same address asks for the login page, which is not malicious; a 403 is a refusal, a 429 is not.`,
      "The hour of the honest people is their access log, written by the edge's own rate limits and read by CrowdSec at once, as e2e/honest-people does.",
      "The reverse proxy resolves `..` in a path before it routes, guards and logs the request: the attack gets the page that remains, here the portal, and CrowdSec sees nothing of it but the number of requests.",
      "What the bouncer costs for each request is in the page about load.",
    ],
    data: { attacks, honest },
  };
}
