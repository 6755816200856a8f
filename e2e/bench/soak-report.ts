import type { Round } from "./load-generator";
import { type Judged, machine, type Part, short } from "./report";
import { measured } from "./statistics";

/** Memory of one container at one moment. */
export interface Moment {
  readonly service: string;
  /** Since the first request. */
  readonly minute: number;
  /** Bytes, without the file cache that the kernel can drop at once. */
  readonly memory: number;
}

interface Measurements {
  readonly moments: readonly Moment[];
  readonly rounds: readonly Round[];
  /** Containers that were started again meanwhile; nothing when the run did not come to its end. */
  readonly ended: readonly string[] | undefined;
}

interface About {
  readonly minutes: number;
  /** Requests a second. */
  readonly rate: number;
  readonly engine: string;
  readonly images: Readonly<Record<string, string>>;
}

const MIB = 2 ** 20;

/** Growth of a container, in MiB an hour: the slope of a line through the second half of its moments, since caches fill in the first. */
export function growth(moments: readonly Moment[]): number | undefined {
  const half = moments.slice(Math.floor(moments.length / 2));
  if (half.length < 3) return undefined;
  const mean = (of: (moment: Moment) => number) => half.reduce((sum, moment) => sum + of(moment), 0) / half.length;
  const [minute, memory] = [mean((moment) => moment.minute), mean((moment) => moment.memory)];
  const above = half.reduce((sum, moment) => sum + (moment.minute - minute) * (moment.memory - memory), 0);
  const below = half.reduce((sum, moment) => sum + (moment.minute - minute) ** 2, 0);
  return below === 0 ? undefined : ((above / below) * 60) / MIB;
}

const failuresOf = (rounds: readonly Round[]) => rounds.reduce((sum, { errors }) => sum + Object.values(errors).reduce((a, b) => a + b, 0), 0);

export function soakTargets({ rounds, ended }: Pick<Measurements, "rounds" | "ended">): Judged[] {
  const failed = { what: "Failed requests", unit: "requests", atMost: 0 };
  const again = { what: "Containers that ended", unit: "containers", atMost: 0 };
  return [
    rounds.length === 0 ? { target: failed } : { target: failed, figure: failuresOf(rounds) },
    ended === undefined ? { target: again } : { target: again, figure: ended.length },
  ];
}

export function soakPart({ moments, rounds, ended }: Measurements, { minutes, rate, ...about }: About): Part {
  const services = [...new Set(moments.map(({ service }) => service))];
  const mine = (service: string) => moments.filter((moment) => moment.service === service);
  const mib = (bytes: number | undefined) => short(bytes === undefined ? undefined : bytes / MIB);
  const actions = [...new Set(rounds.map(({ action }) => action))];
  const half = (action: string, second: boolean) => {
    const all = rounds.filter((round) => round.action === action);
    return second ? all.slice(Math.ceil(all.length / 2)) : all.slice(0, Math.ceil(all.length / 2));
  };
  const p95 = (some: readonly Round[]) => short(measured(some.flatMap((round) => round.p95 ?? []))?.median);
  return {
    name: "soak",
    title: "Soak",
    about: `An environment with monitoring that is used for ${minutes} minutes, with ${rate} requests a second: pages, searches, lists of books and scripts in turn, through the reverse proxy and the portal.`,
    command: `npm run bench:soak -- --minutes=${minutes} --rate=${rate}`,
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    ...about,
    judged: soakTargets({ rounds, ended }),
    tables: [
      {
        title: "Memory of each container",
        head: ["container", "at first MiB", "at last MiB", "least MiB", "most MiB", "growth in the second half, MiB an hour"],
        rows: services.map((service) => {
          const all = mine(service);
          const spread = measured(all.map(({ memory }) => memory));
          return [service, mib(all[0]?.memory), mib(all.at(-1)?.memory), mib(spread?.low), mib(spread?.high), short(growth(all))];
        }),
      },
      {
        title: "Answers",
        head: ["action", "rounds", "p95 ms, first half", "p95 ms, second half", "failed requests"],
        rows: actions.map((action) => {
          const all = rounds.filter((round) => round.action === action);
          return [action, `${all.length}`, p95(half(action, false)), p95(half(action, true)), `${failuresOf(all)}`];
        }),
      },
    ],
    plots: [
      {
        name: "memory",
        title: "Memory",
        axis: "MiB",
        over: "minutes",
        points: moments.map(({ service, minute, memory }) => ({ series: service, at: minute, value: memory / MIB })),
      },
    ],
    notes: [
      "Memory is what the kernel counts for the container, without the file cache that it can drop at once.",
      "The growth of a short run says little: caches of MySQL and PHP still fill. Compare runs of an hour.",
      ...(ended === undefined || ended.length === 0 ? [] : [`Containers that were started again: ${ended.join(", ")}.`]),
    ],
    data: { moments, rounds },
  };
}
