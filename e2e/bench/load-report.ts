import type { Round } from "./load-generator";
import type { Bar } from "./plot";
import type { Spent } from "./processor";
import { type Beside, type Judged, machine, type Part, short, type Table } from "./report";
import { type Measured, measured } from "./statistics";

interface Run {
  readonly seconds: number;
  readonly images: Readonly<Record<string, string>>;
  readonly engine: string;
  /** Share of the processors that was busy in each round. */
  readonly busy: readonly number[];
}

type Key = "perSecond" | "p50" | "p95" | "p99";

/** A figure over the rounds of one side. */
function figure(rounds: readonly Round[], side: string, action: string, clients: number, key: Key): Measured | undefined {
  const chosen = rounds.filter((round) => round.side === side && round.action === action && round.clients === clients);
  return measured(chosen.flatMap((round) => round[key] ?? []));
}

/** Clients with which the processors are busy all the time: an answer then waits for those of the others. */
const MANY = 10;

/** Medians of both sides: what the edge keeps of the throughput, and what it adds to the time of half of all answers. */
export function loadTargets(rounds: readonly Round[]): Judged[] {
  const of = (side: string, key: Key, clients: number) => figure(rounds, side, "page", clients, key)?.median ?? Number.NaN;
  const kept = (of("edge", "perSecond", MANY) / of("bare", "perSecond", MANY)) * 100;
  const added = (clients: number) => of("edge", "p50", clients) - of("bare", "p50", clients);
  const errors = rounds.filter(({ side }) => side === "edge").reduce((sum, round) => sum + Object.values(round.errors).reduce((a, b) => a + b, 0), 0);
  const known = rounds.some(({ side }) => side === "edge");
  return [
    judged({ what: `Throughput of a page that the edge keeps, ${MANY} clients`, unit: "%", atLeast: 85 }, kept),
    judged({ what: "Time that the edge adds to p50 of a page, 1 client", unit: "ms", atMost: 15 }, added(1)),
    judged({ what: `Time that the edge adds to p50 of a page, ${MANY} clients`, unit: "ms", atMost: 15 }, added(MANY)),
    judged({ what: "Failed requests through the edge, all rounds", unit: "requests", atMost: 0 }, known ? errors : Number.NaN),
  ];
}

function judged(target: Judged["target"], value: number): Judged {
  return Number.isNaN(value) ? { target } : { target, figure: value };
}

function table(title: string, rounds: readonly Round[]): Table {
  const keys = new Map(rounds.map(({ side, action, clients }) => [`${action} ${clients} ${side}`, { side, action, clients }]));
  const rows = [...keys.values()].map(({ side, action, clients }) => {
    const mine = rounds.filter((round) => round.side === side && round.action === action && round.clients === clients);
    const rate = figure(rounds, side, action, clients, "perSecond");
    const times = (["p50", "p95", "p99"] as const).map((key) => short(figure(rounds, side, action, clients, key)?.median));
    return [action, `${clients}`, side, `${short(rate?.median)} (${short(rate?.low)}–${short(rate?.high)})`, ...times, errorsOf(mine)];
  });
  return { title, head: ["action", "clients", "side", "answers/s (spread)", "p50 ms", "p95 ms", "p99 ms", "errors"], rows };
}

function errorsOf(rounds: readonly Round[]): string {
  const sums: Record<string, number> = {};
  for (const { errors } of rounds) for (const [what, count] of Object.entries(errors)) sums[what] = (sums[what] ?? 0) + count;
  const texts = Object.entries(sums).map(([what, count]) => `${count} × ${what.slice(0, 30)}`);
  return texts.length === 0 ? "none" : texts.join(", ");
}

function bars(rounds: readonly Round[], key: Key, group: (round: Round) => string, series: (round: Round) => string): Bar[] {
  const keys = new Map(rounds.map((round) => [`${round.action} ${round.clients} ${round.side}`, round]));
  return [...keys.values()].flatMap((round) => {
    const found = figure(rounds, round.side, round.action, round.clients, key);
    return found ? [{ group: group(round), series: series(round), value: found.median, low: found.low, high: found.high }] : [];
  });
}

/** Throughput of the edge in percent of that of the bare wiki; the spread is that of rounds that followed each other. */
function keptBars(rounds: readonly Round[], group: (round: Round) => string): Bar[] {
  const groups = [...new Set(rounds.map(group))];
  return groups.flatMap((name) => {
    const of = (side: string) => rounds.filter((round) => round.side === side && group(round) === name).map(({ perSecond }) => perSecond);
    const [edge, bare] = [of("edge"), of("bare")];
    const middle = (measured(edge)?.median ?? Number.NaN) / (measured(bare)?.median ?? Number.NaN);
    const pairs = measured(edge.map((rate, index) => (rate / (bare[index] ?? Number.NaN)) * 100));
    if (!Number.isFinite(middle) || pairs === undefined) return [];
    const value = middle * 100;
    return [{ group: name, series: "edge", value, low: Math.min(value, pairs.low), high: Math.max(value, pairs.high) }];
  });
}

/** Where the processors spend their time for one page. */
function processorTable(processor: readonly Spent[]): Table {
  const containers = [...new Set(processor.map(({ container }) => container))];
  const of = (side: string, container: string) =>
    measured(processor.filter((one) => one.side === side && one.container === container).map(({ milliseconds }) => milliseconds))?.median;
  const sum = (side: string) => containers.reduce((all, container) => all + (of(side, container) ?? 0), 0);
  const rows = [...containers.map((container) => [container, short(of("edge", container)), short(of("bare", container))])];
  return {
    title: "Processor time of one page",
    head: ["container", "edge ms", "bare ms"],
    rows: processor.length === 0 ? [] : [...rows, ["all", short(sum("edge")), short(sum("bare"))]],
  };
}

/** Throughput of both sides, with ten clients, or as many as there were. */
function besideOf(rounds: readonly Round[]): Beside[] {
  return [...new Set(rounds.map(({ action }) => action))].map((action) => {
    const counts = rounds.filter((round) => round.action === action).map(({ clients }) => clients);
    const clients = counts.includes(10) ? 10 : Math.max(...counts);
    const of = (side: string) => figure(rounds, side, action, clients, "perSecond")?.median;
    return { what: `${action}, ${clients} clients`, unit: "answers/s", ours: of("edge"), other: "the bare images", theirs: of("bare") };
  });
}

/** What is written about load. */
export function loadPart(rounds: readonly Round[], walls: readonly Round[], processor: readonly Spent[], { seconds, images, engine, busy }: Run): Part {
  const what = ({ action, clients }: Round) => `${action}, ${clients} ${clients === 1 ? "client" : "clients"}`;
  const usual = measured(busy);
  return {
    name: "load",
    title: "Load",
    about:
      "The wiki through the reverse proxy and the portal (edge), and beside it the same images of BookStack and MySQL with the settings that they have themselves (bare), in turn within one run.",
    command: "npm run bench",
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    engine,
    images,
    judged: loadTargets(rounds),
    beside: besideOf(rounds),
    tables: [table("Actions", rounds), table("What each wall costs", walls), processorTable(processor)],
    plots: [
      { name: "throughput", title: "Throughput that the edge keeps", axis: "% of the bare wiki", bars: keptBars(rounds, what) },
      { name: "p50", title: "Half of all answers came within", axis: "milliseconds", bars: bars(rounds, "p50", what, ({ side }) => side) },
      { name: "walls", title: "A page with 10 clients, p50", axis: "milliseconds", bars: bars(walls, "p50", ({ side }) => side, () => "p50") }, // biome-ignore format: one thought
    ],
    notes: [
      `Rounds of ${seconds} s; figures are medians of the rounds, the spread is the lowest and highest round. Errors are sums.`,
      "Each client has a connection and an address of its own, and accepts gzip. All share one session. The edge is asked by TLS, the bare wiki by plain HTTP.",
      "With 10 and 50 clients the processors are busy all the time, so that p50 says how many requests wait, and not what one of them costs: that is p50 with 1 client.",
      "The load generator (autocannon) runs on the same machine.",
      `Processors busy in a round, with everything that runs here: median ${short((usual?.median ?? Number.NaN) * 100)} %, ${short((usual?.low ?? Number.NaN) * 100)}–${short((usual?.high ?? Number.NaN) * 100)} %.`,
      "A save counts when it redirects to the page. Signing in: each user opens the wiki, gives a password and a one-time code to the portal, and opens the wiki again; beside it BookStack's own form with a password alone, of one user.",
      ...(rounds.some(({ action }) => action === "sign-in") ? [] : ["Not measured here: sign-in."]),
    ],
    data: { rounds, walls, processor, busy },
  };
}
